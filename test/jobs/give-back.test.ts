import { expect, test } from 'vitest'

import { giveBackAtRest } from '#jobs/give-back.ts'

test('what a process no longer needs is given back to the machine once it is at rest', async () => {
  let needed: number[][] | undefined = Array.from({ length: 100 }, () => Array(100_000).fill(0.5))
  const most = process.memoryUsage().rss
  expect(needed.length).toBe(100)
  needed = undefined

  using _memory = giveBackAtRest({ everyMs: 200 })

  await expect
    .poll(() => most - process.memoryUsage().rss, { interval: 500, timeout: 10_000 })
    .toBeGreaterThan(50e6)
})
