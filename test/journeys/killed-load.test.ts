import { afterAll, beforeAll, expect, test } from 'vitest'

import { stream } from '#pipelines/demo/random.ts'
import { torment } from '#test/bench/chaos/torment.ts'
import { madeUp } from '#test/bench/feeds/index.ts'
import { madeFile } from '#test/bench/files/index.ts'
import { type BenchServer, startServer } from '#test/bench/server.ts'

// A server of its own: this one is stopped in the middle of its work. Its machine is not, so it
// need not wait for the disk.
const feed = madeUp('marketplace_fee')
let server: BenchServer
beforeAll(async () => {
  server = await startServer({ fsync: 'off', full_page_writes: 'off' })
  await server.makeTemplate('untouched', feed.source)
})
afterAll(() => server[Symbol.asyncDispose]())

const whole = { brokenPerMille: 0, correctedPercent: 0 }
const rows = { brokenPerMille: 5, correctedPercent: 5 }

test(
  'a load killed five times, and Postgres under it twice, ends as if nothing had happened',
  { timeout: 120_000 },
  async () => {
    const { wrong, blows } = await torment(server, 'untouched', {
      feed,
      before: madeFile(feed, 'csv', { ...whole, first: 1, rows: 2000 }),
      file: madeFile(feed, 'csv', { ...rows, first: 2001, rows: 40_000 }),
      blows: ['kill', 'kill', 'crash', 'kill', 'kill', 'crash', 'kill'],
      batchRows: 500,
      random: stream(7, 'batches'),
    })
    expect(wrong).toEqual([])
    expect(blows.some(({ progress }) => progress > 0 && progress < 1)).toBe(true)
  },
)

test(
  'a first load that is killed, or loses its Postgres, leaves nothing or everything',
  { timeout: 120_000 },
  async () => {
    const { wrong } = await torment(server, 'untouched', {
      feed,
      before: null,
      file: madeFile(feed, 'csv', { ...rows, first: 1, rows: 20_000 }),
      blows: ['kill', 'crash', 'kill'],
      random: stream(7, 'at once'),
    })
    expect(wrong).toEqual([])
  },
)
