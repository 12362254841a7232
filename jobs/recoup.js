#!/usr/bin/env node
// `npx recoup ...` starts here, perhaps on the machine's own Node; the program itself runs on the Node
// that the project installs. The cache of compiled code begins before the first line of TypeScript:
// with it Node never loads its compiler, which costs 20 MB and 50 ms.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import module from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const node = join(here, '../node_modules/node/bin/node')

if (!existsSync(node)) {
  console.error('Recoup is not installed yet. Run: npm start')
  process.exitCode = 1
} else if (realpathSync(node) === process.execPath) {
  module.enableCompileCache()
  await import('./cli.ts')
} else run()

function run() {
  const args = [join(here, 'cli.ts'), ...process.argv.slice(2)]
  const cache = join(tmpdir(), 'node-compile-cache')
  const env = { NODE_COMPILE_CACHE: cache, ...process.env }
  const child = spawn(node, args, { stdio: 'inherit', env })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  child.on('error', (error) => {
    console.error(`Recoup cannot run ${node}: ${error.message}. Run: npm rebuild node`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
