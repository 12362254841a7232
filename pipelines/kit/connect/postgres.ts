import pg from 'pg'
import * as z from 'zod'

import {
  type Duration,
  named,
  type Pull,
  type Puller,
  reveal,
  type Setting,
  strangeCursor,
  usualEvery,
} from './connector.ts'
import {
  type After,
  isCount,
  isInstant,
  type OriginColumn,
  type Reading,
  relationSql,
  rowsSql,
  untilSql,
} from './postgres-sql.ts'

type Options = {
  /** postgres://user:password@host/database, from the environment. */
  url: Setting
  /**
   * The column that grows with every change, such as updated_at. Left out: everything is read each
   * time, which is right for small tables; only what differs from the last time is kept.
   */
  cursor?: string
  /** A column that is unique: it tells rows apart whose cursor is the same. */
  key: string
  /**
   * How long a row may take from its cursor's time to its commit; younger ones are read next time.
   * For a cursor that counts: so many numbers are read once more each time.
   */
  behind?: Duration | { rows: number }
  /** A larger reading becomes several files, and goes on after the last whole one if it is stopped. */
  rowsPerFile?: number
  every?: Duration
} & ({ table: string; query?: never } | { query: string; table?: never })

/** A table or query of another Postgres, as NDJSON with every number as text. */
export function postgres(options: Options): Puller {
  const { url, table, query = '', every = usualEvery } = options
  return {
    kind: 'pull',
    origin: `postgres ${named(url)}, ${table ?? `query ${query.replaceAll(/\s+/g, ' ').trim().slice(0, 60)}`}`,
    every,
    async *fetch(pull) {
      const client = await connect(reveal(url, pull), pull)
      const stop = () => void client.end()
      pull.signal.addEventListener('abort', stop, { once: true })
      try {
        yield* read(client, options, pull)
      } catch (cause) {
        pull.signal.throwIfAborted()
        throw explained(cause, pull.feed)
      } finally {
        pull.signal.removeEventListener('abort', stop)
        await client.end()
      }
    },
  }
}

async function connect(connectionString: string, { feed }: Pull): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: `recoup pull ${feed}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // The query under way says it.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(`set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1`)
    return client
  } catch (cause) {
    await client.end().catch(() => {})
    throw explained(cause, feed)
  }
}

const rowsAtOnce = 5_000
const Cursor = z.object({ cursor: z.string(), key: z.string() }).nullable()

async function* read(client: pg.Client, options: Options, pull: Pull) {
  const { rowsPerFile = 1_000_000 } = options
  const parsed = Cursor.safeParse(pull.cursor ?? null)
  if (!parsed.success) throw strangeCursor(pull.feed, pull.cursor)
  let after = parsed.data

  const columns = await columnsOf(client, options)
  const cursor = requireColumns(options, columns, pull.feed)
  // Asked before the snapshot is taken: who writes now is then either seen whole or not read yet.
  const until = cursor && (await untilOf(client, options, cursor, pull.feed))
  await client.query('begin isolation level repeatable read read only')
  if (cursor) await refuseNulls(client, options, cursor, pull.feed)
  const { behind } = options
  const overlap = behind && 'rows' in behind ? behind.rows : 0
  const { text, values } = rowsSql(options, columns, { after, until, overlap })
  await client.query(`declare pull no scroll cursor for ${text}`, values)

  const next = async () => {
    const { rows } = await client.query<After & { row: string }>(`fetch ${rowsAtOnce} from pull`)
    return rows
  }
  let batch = await next()
  while (batch.length > 0) {
    const file = { after }
    const content = async function* () {
      for (let rows = 0; batch.length > 0 && rows < rowsPerFile; batch = await next()) {
        pull.signal.throwIfAborted()
        yield batch.map(({ row }) => `${row}\n`).join('')
        rows += batch.length
        if (cursor) file.after = placeOf(batch.at(-1))
      }
    }
    yield { name: `${pull.feed}.ndjson`, content: content(), cursor: () => file.after }
    after = file.after
  }
  await client.query('commit')
}

function placeOf(row: After | undefined): After | null {
  return row ? { cursor: row.cursor, key: row.key } : null
}

async function columnsOf(client: pg.Client, reading: Reading): Promise<OriginColumn[]> {
  const { fields } = await client.query(`select * from ${relationSql(reading)} limit 0`)
  const { rows } = await client.query<OriginColumn>(
    `select name, format_type(oid, null) as type
     from unnest($1::text[], $2::oid[]) with ordinality as field (name, oid, place) order by place`,
    [fields.map(({ name }) => name), fields.map(({ dataTypeID }) => dataTypeID)],
  )
  return rows
}

/** The cursor's column; every column that the definition names must be there. */
function requireColumns(
  { cursor, key }: Options,
  columns: readonly OriginColumn[],
  feed: string,
): OriginColumn | null {
  for (const name of cursor === undefined ? [key] : [cursor, key])
    if (!columns.some((column) => column.name === name))
      throw new Error(
        `${feed}: the origin has no column ${name}. It has ${columns.map((column) => column.name).join(', ')}. ` +
          `Correct the definition of the feed, then: npx recoup pull ${feed}`,
      )
  return columns.find(({ name }) => name === cursor) ?? null
}

async function untilOf(
  client: pg.Client,
  { behind }: Options,
  cursor: OriginColumn,
  feed: string,
): Promise<string | null> {
  const isRows = behind !== undefined && 'rows' in behind
  if (isRows ? !isCount(cursor) : behind !== undefined && !isInstant(cursor))
    throw new Error(
      `${feed}: the cursor ${cursor.name} is of type ${cursor.type}, so behind must be ` +
        (isRows ? 'a time such as { minutes: 1 }.' : 'a number of rows such as { rows: 1000 }.'),
    )
  if (!isInstant(cursor)) return null
  const lag = behind && !isRows ? behind : { minutes: 1 }
  const { rows } = await client.query<{ until: string }>(untilSql(lag, cursor.type))
  return rows[0]?.until ?? null
}

/** A row without a cursor would never be read, and nothing would say so. */
async function refuseNulls(
  client: pg.Client,
  reading: Reading,
  { name }: OriginColumn,
  feed: string,
) {
  const { rows } = await client.query<{ found: boolean }>(
    `select exists (select from ${relationSql(reading)} where origin.${pg.escapeIdentifier(name)} is null) as found`,
  )
  if (rows[0]?.found)
    throw new Error(
      `${feed}: rows of the origin have no ${name} and would never be read. Give them one, or read a ` +
        `query with coalesce(${name}, ...), then: npx recoup pull ${feed}`,
    )
}

function explained(cause: unknown, feed: string): unknown {
  const { message, code } = cause as { message: string; code?: string }
  if (message.startsWith(`${feed}: `)) return cause
  return new Error(
    `${feed}: its Postgres cannot be read: ${message || code}. Then: npx recoup pull ${feed}`,
    { cause },
  )
}
