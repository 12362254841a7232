/** `npm run bench:ingest`: loading measured against a bare COPY of the same file. See docs/benchmarks.md. */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { feedName } from '#kit/read/header.ts'

import { madeUp } from './feeds/index.ts'
import { type FileFormat, fileFormats, forgetFiles, madeFile } from './files/index.ts'
import { hasPsql } from './ingest/bare-copy.ts'
import { bareCsv, type Case, makeCases, targetFile, unlikeFile } from './ingest/cases.ts'
import { type Outcome, runErrand } from './ingest/run-case.ts'
import { startServer } from './server.ts'
import { memoryCurve, missed, summarise, summariseFill, summaryTable } from './ingest/summary.ts'
import { binaryFileOf, fingerprint, makeEmpty, makeFilled, startOf } from './ingest/templates.ts'

const { values: options } = parseArgs({
  options: {
    feed: { type: 'string', default: 'marketplace_fee' },
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    target: { type: 'string', default: '10000000' },
    only: { type: 'string', default: fileFormats.join(',') },
    client: { type: 'string', default: hasPsql() ? 'psql' : 'node' },
    format: { type: 'string', default: 'table' },
    forget: { type: 'boolean', default: false },
  },
})
if (options.forget) forgetFiles()

const feed = madeUp(options.feed)
const rows = Number(options.rows)
const target = Number(options.target)
const formats = options.only.split(',').map(knownFormat)
const psql = options.client === 'psql'
const say = (words: string) => console.error(words)

await using server = await startServer()
await makeEmpty(server, feed)
say('Making the files ...')
const clean = madeFile(feed, 'csv', { first: 1, rows, brokenPerMille: 0, correctedPercent: 0 })
const cases = makeCases(feed, { rows, target, formats }, await binaryFileOf(server, clean))
const fill = cases.some((one) => one.target === 'filled')
  ? await makeFilled(server, feed, targetFile(feed, target), say)
  : null

const outcomes = new Map(cases.map(({ name }) => [name, [] as Outcome[]]))
const prints = new Map<string, string>()
for (let round = 0; round < Number(options.rounds); round++) {
  // Each round starts with another case, so that none is always measured after the same one.
  const order = [...cases.slice(round % cases.length), ...cases.slice(0, round % cases.length)]
  for (const one of order) {
    const outcome = await measure(one, round === 0)
    outcomes.get(one.name)!.push(outcome)
    say(`round ${round + 1}  ${one.name.padEnd(36)} ${outcome.seconds.toFixed(2)} s`)
  }
}

const summaries = [...summarise(cases, outcomes), ...(fill ? [summariseFill(target, fill)] : [])]
if (options.format === 'json') {
  const machine = { processors: cpus().length, psql }
  console.log(
    JSON.stringify({ feed: options.feed, rows, target, machine, cases: summaries }, null, 2),
  )
} else {
  console.log(`\n${summaryTable(summaries)}\n`)
  for (const one of summaries) {
    const curve = memoryCurve(one)
    if (curve) console.log(`Memory of ${one.case}, from beginning to end: ${curve}`)
  }
  const short = missed(summaries)
  console.log(short === 0 ? 'Every goal holds.' : `${short} goals are missed.`)
}

async function measure(one: Case, isFirst: boolean): Promise<Outcome> {
  await using start = await startOf(server, one)
  const { bare, file } = one
  const errand = { ...start, path: file.path, feed: feedName(feed.source), bare }
  const outcome = await runErrand(server, errand, { psql })
  const wrong = outcome.landed && unlikeFile(one, outcome.landed)
  if (wrong) throw new Error(wrong)
  if (isFirst && one.target === 'empty') await compare(start.url, one)
  return outcome
}

/** Cases that load the same rows leave the same table. */
async function compare(url: string, { name, bare, file }: Case) {
  const kind = file.broken > 0 ? 'broken' : 'clean'
  const print = await fingerprint(url, feed, bare !== null)
  const known = prints.get(kind)
  if (known !== undefined && known !== print)
    throw new Error(`${name} left ${print} in the table, where ${bareCsv.empty} left ${known}.`)
  prints.set(kind, print)
}

function knownFormat(name: string): FileFormat {
  const found = fileFormats.find((format) => format === name)
  if (found) return found
  throw new Error(`--only ${name} is no format. Choose of ${fileFormats.join(', ')}.`)
}
