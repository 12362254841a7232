// Runs after every installation, so before any dependency can be counted on: plain JavaScript for
// Node 20 and later.
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const standIn = fileURLToPath(new URL('./native/index.ts', import.meta.url))
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url))

/**
 * Lets Cube load Recoup's stand-in where the download of its native addon failed, and leaves an
 * addon that did arrive alone. `@cubejs-backend/native` requires `native/index.node`; a folder of
 * that name is as good to `require` as a file. The folder only points at ./native, so it is never
 * a stale copy, and a second run repairs a pointer that went wrong.
 *
 * @param {string} [nodeModules] where the project's packages are
 * @returns {'addon present' | 'stand-in present' | 'stand-in placed' | 'Cube not installed'}
 */
export function placeStandIn(nodeModules = packages) {
  const cubeNative = join(nodeModules, '@cubejs-backend/native')
  if (!isThere(cubeNative)) return 'Cube not installed'

  const slot = join(realpathSync(cubeNative), 'native/index.node')
  const addons = [join(cubeNative, 'index.node'), slot]
  if (addons.some((addon) => statSync(addon, { throwIfNoEntry: false })?.isFile())) {
    return 'addon present'
  }

  const target = relative(slot, realpathSync(standIn))
  const pointer = `module.exports = require(${JSON.stringify(target.split(sep).join('/'))})\n`
  const file = join(slot, 'index.js')
  if (isThere(file) && readFileSync(file, 'utf8') === pointer) return 'stand-in present'

  mkdirSync(slot, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, pointer)
  renameSync(unfinished, file)
  return 'stand-in placed'
}

/** @param {string} path */
function isThere(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(`Cube's native addon: ${placeStandIn()}`)
}
