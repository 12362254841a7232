import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { expect, test as base } from 'vitest'

import { arrivalOf, putInInbox, spoolIntoInbox } from '#jobs/arrivals.ts'

const test = base.extend('home', async ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-arrivals-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'mine'))
  const inbox = join(folder, 'inbox')
  return {
    inbox,
    mine: (name: string) => join(folder, 'mine', name),
    at: (name: string) => join(inbox, 'fee', name),
  }
})

test('the name in the inbox tells what its owner calls the file and says it is', async ({
  home,
}) => {
  writeFileSync(home.mine('a-b~csv.txt'), 'x')
  const plain = await putInInbox(home, 'fee', home.mine('a-b~csv.txt'))
  expect(arrivalOf(plain)).toEqual({ name: 'a-b~csv.txt' })
  const said = await putInInbox(home, 'fee', home.mine('a-b~csv.txt'), 'ndjson')
  expect(arrivalOf(said)).toEqual({ name: 'a-b~csv.txt', format: 'ndjson' })
  expect(arrivalOf('2026-fees.csv')).toEqual({ name: '2026-fees.csv' })
})

test('a small file is copied, a large one gets a second name, also through a symbolic link', async ({
  home,
}) => {
  writeFileSync(home.mine('small'), 'x')
  writeFileSync(home.mine('large'), '')
  truncateSync(home.mine('large'), 65 * 1024 * 1024)
  symlinkSync(home.mine('large'), home.mine('link'))
  const [small, large, link] = [
    await putInInbox(home, 'fee', home.mine('small')),
    await putInInbox(home, 'fee', home.mine('large')),
    await putInInbox(home, 'fee', home.mine('link')),
  ].map((name) => statSync(home.at(name)))
  const { ino } = statSync(home.mine('large'))
  expect(small?.nlink).toBe(1)
  expect([large?.ino, link?.ino]).toEqual([ino, ino])
})

test('what comes as a stream lies in the inbox once it is whole', async ({ home }) => {
  const name = await spoolIntoInbox(home, 'fee', Readable.from(['a', 'b']), { name: 'stdin' })
  expect(readFileSync(home.at(name), 'utf8')).toBe('ab')
  const broken = Readable.from(
    (function* () {
      yield 'a'
      throw new Error('gone')
    })(),
  )
  await expect(spoolIntoInbox(home, 'fee', broken, { name: 'stdin' })).rejects.toThrow('gone')
})
