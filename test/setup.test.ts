import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, test as base } from 'vitest'

const root = join(import.meta.dirname, '..')

const packages = {
  '': { version: '0.1.0' },
  'node_modules/pg': { version: '8.0.0' },
  'node_modules/for-another-machine': { version: '1.0.0', optional: true },
}

/** Stands for npm: writes down what it was asked, and "installs" what the lock file names. */
const fakeNpm = `
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
appendFileSync('asked', process.argv.slice(2).join(' ') + '\\n')
if (process.env.NO_NETWORK) process.exit(1)
mkdirSync('node_modules/.bin', { recursive: true })
writeFileSync('node_modules/.bin/node', '')
copyFileSync('package-lock.json', 'node_modules/.package-lock.json')
`

/** A clone with the real setup.js and jobs/recoup.js, a small lock file and the npm above. */
const test = base.extend('clone', ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-clone-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('npm.mjs', fakeNpm)
  write('package.json', JSON.stringify({ type: 'module', allowScripts: { pg: true, no: false } }))
  write('package-lock.json', JSON.stringify({ packages }))
  cpSync(join(root, 'setup.js'), join(folder, 'setup.js'))
  cpSync(join(root, 'jobs/recoup.js'), join(folder, 'jobs/recoup.js'))
  const run = (script: string, env: NodeJS.ProcessEnv = {}, args: string[] = []) =>
    spawnSync(process.execPath, [join(folder, script), ...args], {
      cwd: folder,
      env: { npm_execpath: join(folder, 'npm.mjs'), npm_node_execpath: process.execPath, ...env },
      encoding: 'utf8',
    })
  const asked = () =>
    existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').split('\n') : []
  return { folder, write, run, asked }
})

test('a fresh clone is installed once, and the second start asks npm for nothing', ({ clone }) => {
  const first = clone.run('setup.js')
  expect(first.stdout).toContain('Installing the dependencies that package-lock.json names')
  expect(first.status).toBe(0)
  const [install] = clone.asked()
  expect(install).toMatch(/^install --no-save --include=dev --ignore-scripts /)

  const second = clone.run('setup.js')
  expect(second).toMatchObject({ status: 0, stdout: '', stderr: '' })
  expect(clone.asked()).toHaveLength(3)
})

test('a package that the lock file has in another version is installed again', ({ clone }) => {
  clone.run('setup.js')
  const pulled = { ...packages, 'node_modules/pg': { version: '9.0.0' } }
  clone.write('package-lock.json', JSON.stringify({ packages: pulled }))
  expect(clone.run('setup.js').stdout).toContain('Installing')
})

test('packages for other machines may be missing', ({ clone }) => {
  clone.run('setup.js')
  const { 'node_modules/for-another-machine': _, ...present } = packages
  clone.write('node_modules/.package-lock.json', JSON.stringify({ packages: present }))
  expect(clone.run('setup.js').stdout).toBe('')
})

test('only packages that package.json allows run their install scripts', ({ clone }) => {
  clone.write('node_modules/pg/package.json', '{}')
  clone.write('node_modules/no/package.json', '{}')
  clone.run('setup.js')
  expect(clone.asked()[1]).toMatch(/^rebuild --ignore-scripts=false pg --/)
})

test('an installation that fails says what to check', ({ clone }) => {
  const run = clone.run('setup.js', { NO_NETWORK: 'yes' })
  expect(run.status).toBe(1)
  expect(run.stderr).toContain(
    'npm install failed, for the reason above. ' +
      'Check that the npm registry can be reached (npm ping), then run the same command again.',
  )
})

test('npx recoup before the installation says which command to run', ({ clone }) => {
  expect(clone.run('jobs/recoup.js')).toMatchObject({
    status: 1,
    stderr: 'Recoup is not installed yet. Run: npm start\n',
  })
})

test('npx recoup passes on its arguments and the exit code', ({ clone }) => {
  const node = 'node_modules/node/bin/node'
  clone.write(node, '#!/bin/sh\necho "$*"\nexit 7\n')
  chmodSync(join(clone.folder, node), 0o755)
  const run = clone.run('jobs/recoup.js', {}, ['kpi', 'backlog', '--week', '2026-W40'])
  expect(run.status).toBe(7)
  expect(run.stdout).toBe(`${join(clone.folder, 'jobs/cli.ts')} kpi backlog --week 2026-W40\n`)
})
