/** Made-up feed files, made once and kept in the temp folder. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { feedName } from '#kit/read/header.ts'

import type { MadeUp } from '../feeds/made-up.ts'
import { mostColumnarRows, writeArrow, writeParquetFile } from './columnar.ts'
import type { Expected, Rows } from './rows.ts'
import { writeCsv, writeNdjson } from './text.ts'

/** The formats a feed is measured in. */
export const fileFormats = ['csv', 'ndjson', 'arrow', 'parquet'] as const
export type FileFormat = (typeof fileFormats)[number]

/** A made-up file, and what a load of it must find. */
export interface MadeFile extends Expected {
  path: string
}

const writers = {
  csv: writeCsv,
  ndjson: writeNdjson,
  arrow: writeArrow,
  parquet: writeParquetFile,
} satisfies Record<FileFormat, unknown>

/** Where the files are kept: as long as the operating system keeps the temp folder. */
function filesFolder(): string {
  return join(tmpdir(), 'recoup-bench-files')
}

/** The file of these rows in this format, made now unless it was made before. */
export function madeFile(feed: MadeUp, format: FileFormat, wanted: Rows): MadeFile {
  const { first, rows, brokenPerMille, correctedPercent } = wanted
  if ((format === 'arrow' || format === 'parquet') && rows > mostColumnarRows)
    throw new Error(
      `${format} files are made in memory, of at most ${mostColumnarRows} rows. ` +
        `For ${rows} rows: --only csv,ndjson`,
    )
  const folder = filesFolder()
  mkdirSync(folder, { recursive: true })
  const words = [first, rows, brokenPerMille, correctedPercent, recipe()].join('-')
  const path = join(folder, `${feedName(feed.source)}-${words}.${format}`)
  const note = `${path}.json`
  if (existsSync(path) && existsSync(note))
    return { path, ...(JSON.parse(readFileSync(note, 'utf8')) as Expected) }
  const unfinished = `${path}.part`
  const expected = writers[format](unfinished, feed, wanted)
  writeFileSync(note, JSON.stringify(expected))
  renameSync(unfinished, path)
  return { path, ...expected }
}

/** Removes every file that was kept. */
export function forgetFiles() {
  rmSync(filesFolder(), { recursive: true, force: true })
}

/** Changes with the code that makes the rows, so that no old file is taken for a new one. */
function recipe(): string {
  const hash = createHash('sha256')
  for (const file of [
    'rows',
    'text',
    'columnar',
    '../feeds/marketplace-fee',
    '../feeds/payment-event',
  ])
    hash.update(readFileSync(join(import.meta.dirname, `${file}.ts`)))
  return hash.digest('hex').slice(0, 8)
}
