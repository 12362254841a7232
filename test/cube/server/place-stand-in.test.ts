import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { placeStandIn } from '#cube/server/place-stand-in.js'

let nodeModules: string
const native = (...path: string[]) => join(nodeModules, '@cubejs-backend/native', ...path)

beforeEach(() => {
  nodeModules = mkdtempSync(join(tmpdir(), 'recoup-native-'))
})
afterEach(() => rmSync(nodeModules, { recursive: true }))

test('nothing is placed where Cube is not installed', () => {
  expect(placeStandIn(nodeModules)).toBe('Cube not installed')
})

test('an addon that was downloaded is left alone', () => {
  mkdirSync(native('native'), { recursive: true })
  writeFileSync(native('native/index.node'), 'binary')
  expect(placeStandIn(nodeModules)).toBe('addon present')
  expect(readFileSync(native('native/index.node'), 'utf8')).toBe('binary')
})

test('the stand-in is placed once, and a pointer that went wrong is repaired', () => {
  mkdirSync(native(), { recursive: true })
  expect(placeStandIn(nodeModules)).toBe('stand-in placed')
  expect(placeStandIn(nodeModules)).toBe('stand-in present')

  const pointer = native('native/index.node/index.js')
  const right = readFileSync(pointer, 'utf8')
  writeFileSync(pointer, 'module.exports = require("./gone.js")')
  expect(placeStandIn(nodeModules)).toBe('stand-in placed')
  expect(readFileSync(pointer, 'utf8')).toBe(right)
})
