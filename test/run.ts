// All that CI checks, in one command. Goes on after a failure, so that one run shows them all.
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

import { startVitest, type TestState } from 'vitest/node'

interface Counts {
  passed: number
  failed: number
}

const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules/.bin')
const env = {
  ...process.env,
  PATH: [dirname(process.execPath), bin, process.env.PATH].join(delimiter),
}

const results = [
  check('types', ['tsc', '--noEmit']),
  check('lint', [
    'oxlint',
    '--type-aware',
    '--deny-warnings',
    '--report-unused-disable-directives',
  ]),
  check('format', ['oxfmt', '--check']),
  check('unused code', ['knip', '--no-progress', '--treat-config-hints-as-errors']),
  await tests(process.argv.slice(2)),
]
const sum = (count: keyof Counts) => results.reduce((total, one) => total + one[count], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1

/** Runs one tool over the whole repository; it counts as one check. */
function check(name: string, [program = '', ...args]: string[]): Counts {
  const from = performance.now()
  const run = spawnSync(join(bin, program), args, { cwd: root, env, encoding: 'utf8' })
  const passed = run.status === 0
  if (!passed) console.log(`${run.stdout}${run.stderr}${run.error?.message ?? ''}`)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`${passed ? '✓' : '✗'} ${name} (${seconds} s)`)
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Runs the tests, or those whose files match the filters; each test counts. */
async function tests(filters: string[]): Promise<Counts> {
  const vitest = await startVitest('test', filters, { root, run: true })
  const all = vitest.state.getTestModules().flatMap((file) => [...file.children.allTests()])
  const count = (state: TestState) => all.filter((test) => test.result().state === state).length
  const ok = process.exitCode === undefined || process.exitCode === 0
  await vitest.close()
  // A file that does not load, or an error outside any test, fails the run without a failed test.
  return { passed: count('passed'), failed: count('failed') || (ok ? 0 : 1) }
}
