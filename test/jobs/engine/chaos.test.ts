import { afterAll, beforeAll, expect, test } from 'vitest'

import { inPeace, underBlows } from '#test/bench/engine-chaos/chaos.ts'
import type { Outcome } from '#test/bench/engine-chaos/ordeal.ts'
import { type BenchServer, startServer } from '#test/bench/server.ts'

import { onBothQueues } from './kit.ts'

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1e6)
const amount = { kills: 5, crashes: 1, workers: 2, days: 25, seed, say() {} }

// A server of its own: this one is stopped in the middle of its work. Its machine is not, so it
// need not wait for the disk.
let server: BenchServer
let calm: Outcome
beforeAll(async () => {
  server = await startServer({ fsync: 'off', full_page_writes: 'off' })
  calm = await inPeace(server, amount)
}, 120_000)
afterAll(() => server[Symbol.asyncDispose]())

test('in peace a bad day stops what derives from it, and is made once it is mended', () => {
  expect(calm.wrong).toEqual([])
})

onBothQueues((redisUrl) => {
  test(
    `workers killed, Postgres stopped and the queue emptied leave what peace leaves (CHAOS_SEED=${seed})`,
    { timeout: 180_000 },
    async () => {
      const { wrong, blows } = await underBlows(server, { ...amount, calm, redisUrl: redisUrl() })
      expect(wrong).toEqual([])
      expect(blows).toHaveLength(7)
    },
  )
})
