import type pg from 'pg'

import { kpisOf } from '../kpis/catalogue.ts'
import type { KpiDesk } from '../kpis/with-cube.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { answerSubject } from './answers.ts'
import type { Packaging } from './formats.ts'
import { withScales } from './scales.ts'
import { openSession, type Session } from './session.ts'
import type { Asked, Subject } from './subject.ts'
import { findTable, readTables, tableSubject, unknownName } from './tables.ts'
import { packed } from './write/packed.ts'
import { csv, ndjson } from './write/text.ts'

/** Rows on their way out. */
export interface Export extends AsyncDisposable {
  /** What it is called: `mart.fact_fee`. */
  name: string
  /** What a reader should know about the rows, in sentences. */
  notes: readonly string[]
  /** About how many rows there are. */
  expected: number | null
  /** How many rows went out so far; of a text known only at its end. */
  rows: number
  bytes: AsyncIterable<Uint8Array>
}

/** What an export needs. */
export interface Doors {
  pool: pg.Pool
  /** Asked only when a KPI is. */
  kpis: () => Promise<KpiDesk>
  /** Ends the export, on the server too. */
  signal: AbortSignal
  /** Throws when the table may not be seen. */
  onTable?: (name: string) => void
}

/** Finds what was asked for and gets it ready to flow. All mistakes of the asker are known by then. */
export async function openExport(
  asked: Asked,
  packaging: Packaging,
  doors: Doors,
): Promise<Export> {
  const { format, compression } = packaging
  const session = await openSession(doors.pool, doors.signal)
  try {
    const subject = await findSubject(session, asked, doors)
    await session.freeze()
    if (format.isBinary) subject.columns = await withScales(session, subject)
    const { name, notes, rows: expected } = subject
    const under: Export = {
      name,
      notes,
      expected,
      rows: 0,
      bytes: counted(),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    }
    async function* counted() {
      const { bytes, rows } = await written(session, subject, packaging)
      const whole = format.isBinary ? bytes : packed(bytes, compression)
      for await (const chunk of whole) {
        yield chunk
        under.rows = rows()
      }
      under.rows = rows()
    }
    return under
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

async function findSubject(
  session: Session,
  asked: Asked,
  { kpis, onTable }: Doors,
): Promise<Subject> {
  const tables = await readTables(session)
  const table = findTable(tables, asked.name)
  if (table) {
    onTable?.(table.name)
    const subject = tableSubject(table, asked)
    await requireValues(session, subject, asked)
    return subject
  }
  const names = tables.map(({ name }) => name)
  if (asked.name.includes('.')) throw unknownName(asked.name, names, [])

  const desk = await kpis()
  const views = await desk.cube.views()
  const known = kpisOf(views).map(({ name }) => name)
  if (!known.some((name) => name === asked.name || name.startsWith(`${asked.name}_`)))
    throw unknownName(asked.name, names, known)
  return await answerSubject(session, desk, views, asked)
}

/** Whether the server takes the values of `--where` for its columns: `n=one` is no integer. */
async function requireValues(session: Session, { name, from }: Subject, { where = [] }: Asked) {
  if (where.length === 0) return
  await session.query(`select from ${from} as r limit 0`).catch((cause: Error) => {
    throw new UsageError(`--where ${where.join(' ')} does not fit ${name}: ${cause.message}.`, {
      cause,
    })
  })
}

/** The rows in the format, and how many they were so far. */
async function written(session: Session, subject: Subject, { format, compression }: Packaging) {
  let rows = 0
  if (format.name === 'csv' || format.name === 'ndjson') {
    const write = format.name === 'csv' ? csv : ndjson
    const bytes = async function* () {
      const { rows: all } = yield* write(session, subject)
      rows = all
    }
    return { bytes: bytes(), rows: () => rows }
  }
  // The libraries of the columnar formats are large: loaded when asked for.
  const { readBatches } = await import('./read/batches.ts')
  const { from, columns, about } = subject
  const all = readBatches(session, { from, columns, about: new Map(Object.entries(about)) })
  const batches = {
    schema: all.schema,
    async *[Symbol.asyncIterator]() {
      for await (const batch of all) {
        yield batch
        rows += batch.numRows
      }
    },
  }
  const write =
    format.name === 'parquet'
      ? (await import('./write/parquet.ts')).parquet
      : format.name === 'arrow'
        ? (await import('./write/ipc.ts')).arrowFile
        : (await import('./write/ipc.ts')).arrowStream
  return { bytes: write(batches, compression), rows: () => rows }
}
