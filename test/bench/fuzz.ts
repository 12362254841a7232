/** `npm run fuzz:ingest`: the encoder against zod, for every contract, long. See docs/benchmarks.md. */
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'

import { feedName } from '#kit/read/header.ts'
import { displayCount } from '#jobs/terminal/values.ts'
import { sources } from '#pipelines/sources.ts'

import { startServer } from './server.ts'

/** What one process fuzzes. */
export interface Part {
  url: string
  feed: string
  seeds: number[]
  rowsEach: number
}

/** What it found; a seed and the feed make the same rows again. */
export interface Found {
  rows: number
  /** Rows that encoder and zod both accept. */
  accepted: number
  judgedOtherwise: { seed: number; row: string }[]
  storedOtherwise: { seed: number; stored: object[]; missing: object[] }[]
}

const rowsEach = 20_000
const shown = 3

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    feed: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const feeds = sources.map(feedName).filter((feed) => feed === (options.feed ?? feed))
if (feeds.length === 0)
  throw new Error(`--feed ${options.feed} is none of ${sources.map(feedName).join(', ')}.`)

await using server = await startServer()
const url = server.urlOf('postgres')
const program = join(import.meta.dirname, 'fuzz/fuzz.process.ts')
const slices = Math.ceil(Number(options.rows) / rowsEach)
let wrong = 0
for (const feed of feeds) {
  const start = performance.now()
  const found = await Promise.all(parts(feed).map(fuzzed))
  const seconds = (performance.now() - start) / 1000
  const sum = (count: (one: Found) => number) => found.reduce((all, one) => all + count(one), 0)
  const rows = sum((one) => one.rows)
  const differences = sum((one) => one.judgedOtherwise.length + one.storedOtherwise.length)
  wrong += differences
  console.log(
    `${feed.padEnd(16)} ${displayCount(rows)} rows, ${displayCount(sum((one) => one.accepted))} accepted, ` +
      `${displayCount(Math.round(rows / seconds))} rows/s, ${displayCount(differences)} differences`,
  )
  for (const { seed, row } of found.flatMap((one) => one.judgedOtherwise).slice(0, shown))
    console.log(`  seed ${seed}: ${row}`)
  for (const one of found.flatMap(({ storedOtherwise }) => storedOtherwise).slice(0, shown))
    console.log(`  seed ${one.seed}: ${JSON.stringify(one)}`)
}
if (wrong > 0) process.exitCode = 1

/** The seeds of a feed, dealt out to as many processes as there are cores. */
function parts(feed: string): Part[] {
  const seeds = Array.from({ length: slices }, (_, slice) => Number(options.seed) + slice)
  const dealt = cpus().map((_, hand) => seeds.filter((_seed, at) => at % cpus().length === hand))
  return dealt.flatMap((own) => (own.length > 0 ? [{ url, feed, seeds: own, rowsEach }] : []))
}

async function fuzzed(part: Part): Promise<Found> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(part)], {
    maxBuffer: 1e9,
  })
  return JSON.parse(stdout) as Found
}
