/** `npm run chaos`: workers are killed, Postgres under them, and the queue. See docs/benchmarks.md. */
import { parseArgs } from 'node:util'

import { displayCount } from '#jobs/terminal/values.ts'
import { redisIsInstalled, startRedis } from '#test/jobs/engine/redis.ts'

import { type Amount, goalSeconds, inPeace, underBlows } from './engine-chaos/chaos.ts'
import { startServer } from './server.ts'

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    crashes: { type: 'string', default: '3' },
    workers: { type: 'string', default: '3' },
    days: { type: 'string', default: '120' },
    queue: { type: 'string', default: redisIsInstalled ? 'postgres,redis' : 'postgres' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
})
const amount: Amount = {
  kills: Number(options.kills),
  crashes: Number(options.crashes),
  workers: Number(options.workers),
  days: Number(options.days),
  seed: Number(options.seed),
  say: (words) => console.log(`  ${words}`),
}
console.log(`Seed ${options.seed}`)

await using server = await startServer({ autovacuum: 'on' })
console.log('\nIn peace')
const calm = await inPeace(server, amount)
report('In peace', calm)
for (const queue of options.queue.split(',')) {
  console.log(`\nThe queue on ${queue}`)
  const redis = queue === 'redis' ? await startRedis() : null
  report(queue, await underBlows(server, { ...amount, calm, redisUrl: redis?.url }))
  await redis?.close()
}

function report(what: string, { wrong, blows, recoveries, steps }: typeof calm) {
  const times = recoveries.filter(({ steps: held }) => held > 0).map(({ seconds }) => seconds)
  const slowest = times.length > 0 ? Math.max(...times).toFixed(1) : '-'
  console.log(
    `${what}: ${displayCount(steps)} steps done under ${blows.length} blows; ${times.length} killed ` +
      `workers had steps, taken again after at most ${slowest} s (goal ${goalSeconds} s)`,
  )
  if (wrong.length > 0) process.exitCode = 1
  console.log(
    wrong.length > 0
      ? wrong.map((words) => `  WRONG: ${words}`).join('\n')
      : '  Every partition once per step, every row as in peace, nothing stuck.',
  )
}
