import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

import { expect, test } from 'vitest'

import { beThrifty, withoutCompilers } from '#jobs/thrift.ts'

test('what a process no longer needs is given back to the machine once it is at rest', async () => {
  let needed: number[][] | undefined = Array.from({ length: 100 }, () => Array(100_000).fill(0.5))
  const most = process.memoryUsage().rss
  expect(needed.length).toBe(100)
  needed = undefined

  using _thrift = beThrifty({ everyMs: 200 })

  await expect
    .poll(() => most - process.memoryUsage().rss, { interval: 500, timeout: 10_000 })
    .toBeGreaterThan(50e6)
})

/** The bit for it in V8's status of a function. */
const OPTIMISED = 1 << 4

test('what is hot is optimised once there is work, and not before', () => {
  setFlagsFromString('--allow-natives-syntax')
  const statusOf = new Script('(hot) => %GetOptimizationStatus(hot)').runInThisContext() as (
    hot: (sum: number) => number,
  ) => number
  for (const flag of withoutCompilers) setFlagsFromString(flag)
  using thrift = beThrifty()

  const isOptimised = () => {
    const hot = (sum: number) => (sum * 31 + 7) | 0
    let sum = 1
    for (let turn = 0; turn < 10_000_000; turn++) sum = hot(sum)
    return (statusOf(hot) & OPTIMISED) > 0
  }
  expect(isOptimised()).toBe(false)
  thrift.work()
  expect(isOptimised()).toBe(true)
})
