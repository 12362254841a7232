/** `npm run chaos:ingest`: loads are killed, and Postgres under them. See docs/benchmarks.md. */
import { parseArgs } from 'node:util'

import { stream } from '#pipelines/demo/random.ts'
import { displayCount } from '#jobs/terminal/values.ts'

import { type Blow, torment } from './chaos/torment.ts'
import { madeUp } from './feeds/index.ts'
import { type FileFormat, fileFormats, madeFile } from './files/index.ts'
import { startServer } from './server.ts'

const { values: options } = parseArgs({
  options: {
    feed: { type: 'string', default: 'marketplace_fee' },
    rows: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '50' },
    crashes: { type: 'string', default: '10' },
    file: { type: 'string', default: 'csv' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
})
const feed = madeUp(options.feed)
const rows = Number(options.rows)
const format = fileFormats.find((name) => name === options.file) ?? ('csv' satisfies FileFormat)
const first = Math.max(1000, Math.round(rows / 5))
const earlier = { first: 1, rows: first, brokenPerMille: 0, correctedPercent: 0 }
const before = madeFile(feed, 'csv', earlier)
const clean = { first: 1, rows, brokenPerMille: 2, correctedPercent: 0 }
const later = { first: first + 1, rows, brokenPerMille: 2, correctedPercent: 5 }

await using server = await startServer()
await server.makeTemplate('untouched', feed.source)

const many = (blow: Blow, times: string): Blow[] =>
  Array.from({ length: Number(times) }, () => blow)
const small = Math.max(200, Math.round(rows / 200))
const loads = [
  { title: 'kill -9, into an empty table', wanted: clean, blows: many('kill', options.kills) },
  {
    title: 'kill -9, with corrections, in small batches',
    wanted: later,
    blows: many('kill', options.kills),
    before,
    batchRows: small,
  },
  {
    title: 'Postgres stopped at once, into an empty table',
    wanted: clean,
    blows: many('crash', options.crashes),
  },
  {
    title: 'Postgres stopped at once, with corrections, in small batches',
    wanted: later,
    blows: many('crash', options.crashes),
    before,
    batchRows: small,
  },
]
console.log(`Seed ${options.seed}`)
for (const { title, wanted, ...rest } of loads) {
  const random = stream(Number(options.seed), title)
  const plan = { feed, file: madeFile(feed, format, wanted), before: null, random, ...rest }
  const { blows, wrong, books } = await torment(server, 'untouched', plan)
  console.log(`\n${title}: ${blows.length} of ${rest.blows.length} blows`)
  console.log(
    `  Progress after each: ${blows.map(({ progress }) => `${Math.round(progress * 100)}`).join(' ')} %`,
  )
  console.log(
    `  ${displayCount(books.rows_read)} rows in = ${displayCount(books.rows_new)} new + ` +
      `${displayCount(books.rows_newer)} newer + ${displayCount(books.rows_same)} same + ` +
      `${displayCount(books.rows_rejected)} rejected; the table holds ${displayCount(books.tableRows)}`,
  )
  if (wrong.length > 0 || blows.length < rest.blows.length * 0.9) process.exitCode = 1
  console.log(
    wrong.length > 0
      ? wrong.map((words) => `  WRONG: ${words}`).join('\n')
      : '  As if nothing had happened.',
  )
}
