#!/usr/bin/env node
// `npx recoup ...` starts here, on the machine's own Node; the program itself runs on the Node that
// the project installs.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const node = join(here, '../node_modules/node/bin/node')

if (existsSync(node)) run()
else {
  console.error('Recoup is not installed yet. Run: npm start')
  process.exitCode = 1
}

function run() {
  const args = [join(here, 'cli.ts'), ...process.argv.slice(2)]
  const child = spawn(node, args, { stdio: 'inherit' })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  child.on('error', (error) => {
    console.error(`Recoup cannot run ${node}: ${error.message}. Run: npm rebuild node`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
