/** `npm run bench:engine`: what the engine itself costs, and a worker of it. See docs/benchmarks.md. */
import { mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { pools } from '#jobs/pools.ts'
import { redisIsInstalled, startRedis } from '#test/jobs/engine/redis.ts'

import { atLeast, atMost, type Figure, figureTable, verdict } from './engine/figure.ts'
import { type Footprint, footprints } from './engine/footprint.ts'
import { measurePeer } from './engine/peer.ts'
import { manyPartitions, planningSeconds } from './engine/planning.ts'
import { chainedMs, fanOutPerSecond } from './engine/steps.ts'
import { startServer } from './server.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    slots: { type: 'string', default: String(pools.warehouse?.perWorker ?? 2) },
    only: { type: 'string', default: 'steps,planning,footprint' },
    format: { type: 'string', default: 'table' },
  },
})
const { short } = options
const slots = Number(options.slots)
const parts = options.only.split(',')
const partitions = short ? 50 : 200
const rounds = short ? 2 : 5
const idleSeconds = short ? 15 : 30

// Under the product's own settings: its vacuuming is part of the price.
await using server = await startServer({ autovacuum: 'on' })
await server.makeDatabase('untouched')
await using redis = redisIsInstalled ? await ownRedis() : null
const queues = [
  { queue: 'Postgres', redisUrl: undefined },
  ...(redis ? [{ queue: 'Redis', redisUrl: redis.url }] : []),
]

const figures: Figure[] = []
const add = (figure: Figure) => {
  figures.push(figure)
  const { queue, what, value, unit } = figure
  console.error(`${queue ?? ''}  ${what}: ${Number(value.toPrecision(3))} ${unit}`)
}
/** Each measurement has a database to itself. */
const fresh = () => server.clone('untouched', 'measured')

if (parts.includes('steps')) for (const one of queues) await measureSteps(one)
if (parts.includes('planning')) await measurePlanning()
if (parts.includes('footprint')) for (const one of queues) await measureFootprint(one)

if (options.format === 'json')
  console.log(JSON.stringify({ processors: cpus().length, slots, figures }, null, 2))
else console.log(`\n${figureTable(figures)}\n\n${verdict(figures)}`)

async function measureSteps({ queue, redisUrl }: (typeof queues)[number]) {
  const runs = async (workers: number) => ({ url: await fresh(), redisUrl, workers, slots, rounds })
  const peerErrand = { redisUrl, jobs: short ? 1000 : 5000, hops: 50, slots }
  const peer = await measurePeer({ url: await fresh(), ...peerErrand })

  const what = 'a step of a chain of 50'
  add(atMost(10, { queue, what, unit: 'ms', value: await chainedMs(await runs(1)) }))
  add(
    atMost(null, {
      queue,
      what: '  a job of BullMQ that adds the next',
      unit: 'ms',
      value: peer.hopMs,
    }),
  )
  for (const workers of [1, 2, 4]) {
    const value = await fanOutPerSecond(partitions, await runs(workers))
    const words = `6 x ${partitions} steps, ${workers} worker${workers > 1 ? 's' : ''}`
    const goal = redisUrl ? null : 500
    add(atLeast(goal, { queue, what: words, unit: 'steps/s', value }))
  }
  add(
    atLeast(null, {
      queue,
      what: '  jobs of BullMQ, 1 worker',
      unit: 'jobs/s',
      value: peer.perSecond,
    }),
  )
}

async function measurePlanning() {
  const queue = null
  const steps = 10_000
  const value = await planningSeconds(await fresh(), { steps, rounds })
  add(atMost(2, { queue, what: `planning ${steps} steps`, unit: 's', value }))
  const many = await manyPartitions(await fresh(), { partitions: 50_000, rounds })
  const of = '50000 partitions'
  add(atMost(1, { queue, what: `upkeep of ${of}`, unit: 's', value: many.upkeep }))
  add(
    atMost(1, {
      queue,
      what: `backfill of what is missing of ${of}`,
      unit: 's',
      value: many.backfill,
    }),
  )
  add(atMost(1, { queue, what: `what is stale of ${of}`, unit: 's', value: many.reading }))
}

async function measureFootprint({ queue, redisUrl }: (typeof queues)[number]) {
  const folder = join(server.folder, `home-${queue}`)
  mkdirSync(folder)
  const { idle, busy, rested } = await footprints({
    url: await fresh(),
    redisUrl,
    folder,
    idleSeconds,
  })
  addFootprint(queue, 'idle worker', idle, { cpu: 1, memory: 100 })
  addFootprint(queue, 'busy worker', busy, { cpu: null, memory: null })
  addFootprint(queue, 'worker at rest after it', rested, { cpu: 1, memory: null })
}

function addFootprint(
  queue: string,
  what: string,
  { cpuPercent, residentBytes, proportionalBytes }: Footprint,
  goal: { cpu: number | null; memory: number | null },
) {
  if (cpuPercent === null || residentBytes === null || proportionalBytes === null) return
  add(atMost(goal.cpu, { queue, what: `${what}, CPU`, unit: '%', value: cpuPercent }))
  const [resident, proportional] = [residentBytes / 1e6, proportionalBytes / 1e6]
  add(atMost(goal.memory, { queue, what: `${what}, memory`, unit: 'MB', value: resident }))
  add(
    atMost(null, {
      queue,
      what: `${what}, its part of shared memory`,
      unit: 'MB',
      value: proportional,
    }),
  )
}

async function ownRedis() {
  const own = await startRedis()
  return { url: own.url, [Symbol.asyncDispose]: own.close }
}
