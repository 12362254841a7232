import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const refused = [
  ['pipelines/fees', '#models/known.ts'],
  ['pipelines/fees', '../../models/known.ts'],
  ['pipelines/fees', '#jobs/known.ts'],
  ['pipelines/fees', '#cube/known.ts'],
  ['pipelines/kit', '../../jobs/known.ts'],
  ['models', '#jobs/known.ts'],
  ['models', '../jobs/known.ts'],
  ['models', '#cube/known.ts'],
  ['models', '../pipelines/fees/known.ts'],
  ['cube', '#kit/known.ts'],
  ['cube', '#pipelines/fees/known.ts'],
  ['cube', '#models/known.ts'],
  ['cube', '../models/known.ts'],
  ['cube', '#jobs/known.ts'],
  ['jobs', '#test/known.ts'],
  ['jobs', '../models/known.ts'],
  ['test', '../jobs/known.ts'],
] as const

const allowed = [
  ['pipelines/fees', '#kit/known.ts'],
  ['models', '#pipelines/fees/known.ts'],
  ['models', '#kit/known.ts'],
  ['jobs', '#models/known.ts'],
  ['jobs', '#pipelines/fees/known.ts'],
  ['jobs', '#cube/known.ts'],
  ['test', '#jobs/known.ts'],
] as const

const probe = (folder: string, target: string) =>
  `${folder}/probe_${target.replaceAll(/[^a-z]/g, '_')}.ts`

/** Rule names by file, as the project's own lint configuration judges a small tree of probes. */
const broken = new Map<string, string[]>()

beforeAll(() => {
  const tree = mkdtempSync(join(tmpdir(), 'recoup-lint-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  for (const file of ['.oxlintrc.json', 'package.json', 'tsconfig.json'])
    cpSync(join(root, file), join(tree, file))
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  for (const folder of ['pipelines/kit', 'pipelines/fees', 'models', 'cube', 'jobs', 'test'])
    write(`${folder}/known.ts`, 'export const known = 1\n')
  for (const [folder, target] of [...refused, ...allowed])
    write(probe(folder, target), `import { known } from '${target}'\n\nexport const p = known\n`)
  write('jobs/a.ts', `import { b } from '#jobs/b.ts'\n\nexport const a = () => b\n`)
  write('jobs/b.ts', `import { a } from './a.ts'\n\nexport const b = () => a\n`)
  write('jobs/careless.ts', 'export function careless() {\n  Promise.resolve(1)\n}\n')

  const run = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], {
    cwd: tree,
    encoding: 'utf8',
  })
  rmSync(tree, { recursive: true })
  const report = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] }
  for (const { code, filename } of report.diagnostics)
    broken.set(filename, [...(broken.get(filename) ?? []), code])
})

test.for(refused)('a file in %s may not import %s', ([folder, target]) => {
  expect(broken.get(probe(folder, target))).toEqual(['eslint(no-restricted-imports)'])
})

test.for(allowed)('a file in %s may import %s', ([folder, target]) => {
  expect(broken.get(probe(folder, target))).toBeUndefined()
})

test('two files may not import each other, not even by their # names', () => {
  expect(broken.get('jobs/a.ts')).toEqual(['import(no-cycle)'])
  expect(broken.get('jobs/b.ts')).toEqual(['import(no-cycle)'])
})

test('a promise that nobody waits for is refused, so the type-aware rules are on', () => {
  expect(broken.get('jobs/careless.ts')).toEqual(['typescript(no-floating-promises)'])
})
