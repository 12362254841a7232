/** The databases that every case starts from a copy of, and the files that only Postgres can write. */
import { cpSync, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { to as copyTo } from 'pg-copy-streams'

import { feedName } from '#kit/read/header.ts'
import { columns } from '#kit/table.ts'

import type { MadeUp } from '../feeds/made-up.ts'
import type { MadeFile } from '../files/index.ts'
import { copyWithClient } from './bare-copy.ts'
import type { Case } from './cases.ts'
import { type Outcome, runErrand } from './run-case.ts'
import { bareTable, type BenchServer, withClient } from '../server.ts'

const empty = 'bench_empty'
const filled = { bare: 'bench_filled_bare', product: 'bench_filled' }
/** The database a case runs in. */
const caseName = 'bench_case'

/** Where a case starts: a database and a cache of its own. */
export interface Start extends AsyncDisposable {
  url: string
  cache: string
}

/** Makes the empty database. */
export async function makeEmpty(server: BenchServer, { source }: MadeUp) {
  await server.makeTemplate(empty, source)
}

/**
 * Makes the filled ones: a bare COPY fills one, the product the other. The result is what the
 * product's load took.
 */
export async function makeFilled(
  server: BenchServer,
  feed: MadeUp,
  { path, rows }: MadeFile,
  say: (words: string) => void,
): Promise<Outcome> {
  say(`Filling two tables with ${rows} rows ...`)
  const bareUrl = await server.clone(empty, filled.bare)
  await withClient(bareUrl, async (client) => {
    await copyWithClient(client, path, 'csv')
    await client.query('vacuum (analyze)')
  })
  // Filled under the name of the cases' database: the cache of keys belongs to a name.
  const url = await server.clone(empty, caseName)
  const cache = cacheOf(server, filled.product)
  const errand = { url, path, feed: feedName(feed.source), bare: null, cache }
  const outcome = await runErrand(server, errand, { psql: false })
  say(`... one of them by the product, in ${outcome.seconds.toFixed(1)} s`)
  await withClient(url, (client) => client.query('vacuum (analyze)'))
  await server.clone(caseName, filled.product)
  return outcome
}

/** A fresh copy of what a case starts from; gone after. */
export async function startOf(server: BenchServer, { target, bare, isCold }: Case): Promise<Start> {
  const template = target === 'empty' ? empty : bare ? filled.bare : filled.product
  const url = await server.clone(template, caseName)
  const cache = join(server.folder, `cache-${Date.now()}`)
  mkdirSync(cache)
  const kept = cacheOf(server, template)
  if (!isCold) cpSync(kept, cache, { recursive: true })
  return { url, cache, [Symbol.asyncDispose]: () => server.drop(caseName) }
}

function cacheOf(server: BenchServer, template: string): string {
  const folder = join(server.folder, `cache-${template}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The file's rows as COPY writes them in binary, kept beside the file. */
export async function binaryFileOf(server: BenchServer, csv: MadeFile): Promise<MadeFile> {
  const path = `${csv.path}.binary`
  if (!existsSync(path)) {
    const name = 'bench_binary'
    const url = await server.clone(empty, name)
    await withClient(url, async (client) => {
      await copyWithClient(client, csv.path, 'csv')
      const rows = client.query(copyTo(`copy ${bareTable} to stdout with (format binary)`))
      await pipeline(rows, createWriteStream(`${path}.part`))
    })
    await server.drop(name)
    renameSync(`${path}.part`, path)
  }
  return { ...csv, path }
}

/** A fingerprint of what a case left in its table, whatever the order of the rows. */
export async function fingerprint(url: string, { source }: MadeUp, bare: boolean): Promise<string> {
  // A decimal may come with more zeros from one format than from another.
  const cells = columns(source).map(({ name, type }) =>
    type === 'numeric' ? `trim_scale("${name}")` : `"${name}"`,
  )
  const { rows } = await withClient(url, (client) =>
    client.query<{ print: string }>(
      `select count(*) || ' rows ' || sum(hashtextextended(row(${cells.join(', ')})::text, 0)::numeric) as print
       from ${bare ? bareTable : source.name}`,
    ),
  )
  return rows[0]!.print
}
