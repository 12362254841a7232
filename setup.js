// Installs what the lock file names, when it is not there yet. `npm start` and `npm test` run this
// first, with the machine's own Node, so it depends on nothing and keeps to plain JavaScript.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const modules = join(root, 'node_modules')
const oldestNode = 20

if (Number(process.versions.node.split('.')[0]) < oldestNode)
  fail(
    `Recoup needs Node.js ${oldestNode} or later to set itself up; this is ${process.version}. ` +
      'Install a newer one from https://nodejs.org, then run the same command again.',
  )

if (!isInstalled()) install()
await placeStandIn()

/** npm writes down what it installed as its last act, so an interrupted installation shows too. */
function isInstalled() {
  const written = join(modules, '.package-lock.json')
  if (!existsSync(written) || !existsSync(join(modules, '.bin/node'))) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(written)
  return Object.keys(wanted).every((path) => {
    if (path === '') return true
    // Packages for other machines are not installed on this one.
    if (wanted[path].optional && !present[path]) return true
    return present[path] !== undefined && present[path].version === wanted[path].version
  })
}

/** @param {string} lockFile */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

function install() {
  console.log(
    'Installing the dependencies that package-lock.json names; this takes about a minute.',
  )
  // Not `npm ci`: it refuses a lock file made where a registry lacks other machines' packages.
  // Install scripts run by name, because older versions of npm do not know allowScripts.
  npm(['install', '--no-save', '--include=dev', '--ignore-scripts'])
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name])
  const present = allowed.filter((name) => existsSync(join(modules, name)))
  npm(['rebuild', '--ignore-scripts=false', ...present])
  if (!isInstalled())
    fail(
      'The installation did not complete. Run: rm -rf node_modules, then the same command again.',
    )
}

/** @param {string[]} args */
function npm(args) {
  // npm itself may be running in a node_modules that is about to be replaced: keep to its own Node.
  const { npm_execpath: script, npm_node_execpath: node = process.execPath } = process.env
  const command = script ? [node, script] : ['npm']
  const [program, ...first] = [...command, ...args, '--loglevel=error', '--no-audit', '--no-fund']
  const run = spawnSync(program, first, { cwd: root, stdio: 'inherit' })
  if (run.error || run.status !== 0)
    fail(
      `npm ${args[0]} failed${run.error ? `: ${run.error.message}` : ', for the reason above'}. ` +
        'Check that the npm registry can be reached (npm ping), then run the same command again.',
    )
}

/** Where Cube's native addon could not be downloaded, its stand-in takes the place. */
async function placeStandIn() {
  const file = join(root, 'cube/server/place-stand-in.js')
  if (!existsSync(file)) return
  const module = await import(pathToFileURL(file).href)
  module.placeStandIn()
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  process.exit(1)
}
