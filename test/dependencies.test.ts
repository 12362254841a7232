import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

interface Manifest {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

const manifest = JSON.parse(read('package.json')) as Manifest
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, Partial<Manifest> & { version?: string; resolved?: string }>
}
const wanted = { ...manifest.dependencies, ...manifest.devDependencies }

test('every dependency has its reason in docs/decisions/dependencies.md, and no other has', () => {
  const page = read('docs/decisions/dependencies.md')
  const explained = [...page.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name = '']) => name)
  expect(explained.sort()).toEqual(Object.keys(wanted).sort())
})

test('every dependency is pinned to one version, and the lock file has that one', () => {
  for (const [name, version] of Object.entries(wanted)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
    expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
  }
})

test('the lock file names no registry, so it installs from any mirror', () => {
  const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)
  expect(named).toEqual([])
})
