import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'

import { buffer } from 'node:stream/consumers'

import { DuckDBInstance } from '@duckdb/node-api'
import { DataType, MessageReader, RecordBatchReader, type Table, tableFromIPC } from 'apache-arrow'
import type pg from 'pg'
import { expect } from 'vitest'

import { openExport } from '#jobs/export/export.ts'
import { packagingOf } from '#jobs/export/formats.ts'
import { test } from '#test/kit/database.ts'

import { exported, tables, unscaled } from './kit.ts'

const everyKind = `
  create table mart.kinds (
    id int4 not null, small int2, amount_minor int8, ratio float8, single float4, is_late bool,
    name text, day date, recorded_at timestamptz, local_at timestamp, opens time,
    price numeric(38, 10), rate numeric, extra jsonb, tags text[]
  )`

/** What is hard to keep: the ends of ranges, signs, digits, microseconds, alphabets, nothing. */
const hardRows = `
  insert into mart.kinds values
    (1, 32767, 9223372036854775807, 0.1, 0.5, true, 'Größe 日本 🧾 "x", y', '2026-10-04',
      '2026-10-04 01:30:00.123456+02', '2026-10-04 01:30:00.000001', '17:30:00.5',
      9999999999999999999999999999.9999999999, 12345678901234567890.123456, '{"a": [1, null]}', '{a,"b c"}'),
    (2, -32768, -9223372036854775808, -1e300, -0.25, false, E'a\\nb\\r\\n\\t\\\\', '0001-01-01',
      '1969-12-31 23:59:59.999999+00', '1900-01-01', '00:00',
      -9999999999999999999999999999.9999999999, -0.000001, '"text"', '{}'),
    (3, 0, 0, 0, 0, null, ' ', '9999-12-31',
      '9999-12-31 23:59:59.999999+00', '1970-01-01', '23:59:59.999999',
      0.0000000001, 4294967296, 'null', null),
    (4, -1, -1, 0.1e-5, null, true, repeat('é', 100), '1970-01-01',
      '2000-01-01 00:00:00+00', '2000-01-01', '12:00', -1, -4294967296.5, '[]', null),
    (5, null, null, null, null, null, null, null, null, null, null, null, null, null, null)`

/** Rows as Postgres tells them, the one thing every reader can be compared with. */
async function told(pool: pg.Pool, table: string) {
  const { rows } = await pool.query<Record<string, string | null>>(`
    select id::text, small::text, amount_minor::text, ratio::text, single::text, is_late::text, name,
      (day - date '1970-01-01')::text as day,
      (extract(epoch from recorded_at) * 1000000)::int8::text as recorded_at,
      (extract(epoch from local_at) * 1000000)::int8::text as local_at,
      (extract(epoch from opens) * 1000000)::int8::text as opens,
      (price * 10000000000)::numeric(40, 0)::text as price,
      (rate * 1000000)::numeric(40, 0)::text as rate, extra::text, tags::text
    from ${table} order by id`)
  return rows
}

/** Every value as its buffer holds it: days, microseconds and unscaled decimals as integers. */
function arrowRows(table: Table): Record<string, string | null>[] {
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(
      table.schema.fields.map(({ name, type }) => {
        const vector = table.getChild(name)
        return [name, vector?.isValid(row) ? plain(type, vector, row) : null]
      }),
    ),
  )
}

function plain(type: DataType, vector: NonNullable<ReturnType<Table['getChild']>>, row: number) {
  const value = vector.get(row) as unknown
  if (DataType.isDecimal(type)) return String(unscaled(value))
  // The library hands these out as milliseconds; the buffer has what was written.
  if (DataType.isTimestamp(type) || DataType.isDate(type) || DataType.isTime(type))
    return String(stored(vector, row))
  return String(value)
}

function stored(vector: NonNullable<ReturnType<Table['getChild']>>, row: number): unknown {
  for (const data of vector.data) {
    if (row < data.length) return (data.values as { [at: number]: unknown })[row]
    row -= data.length
  }
  return null
}

test.for(['none', 'zstd'])(
  'an Arrow file has every value as Postgres has it, packed with %s',
  async (compression, { database: { pool } }) => {
    await pool.query(everyKind)
    await pool.query(hardRows)
    const file = await exported(pool, { name: 'mart.kinds', format: 'arrow', compression })
    expect(file.subarray(0, 6).toString()).toBe('ARROW1')
    const table = tableFromIPC(file)
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
      'Int32',
      'Int16',
      'Int64',
      'Float64',
      'Float32',
      'Bool',
      'Utf8',
      'Date32<DAY>',
      'Timestamp<MICROSECOND, UTC>',
      'Timestamp<MICROSECOND>',
      'Time64<MICROSECOND>',
      'Decimal[38e+10]',
      'Decimal[38e+6]',
      'Utf8',
      'Utf8',
    ])
    const expected = await told(pool, 'mart.kinds')
    expect(arrowRows(table).map(comparable)).toEqual(expected.map(comparable))
  },
)

test('an Arrow file read from its beginning is an Arrow stream after eight bytes', async ({
  database: { pool },
}) => {
  await pool.query(everyKind)
  await pool.query(hardRows)
  const file = await exported(pool, { name: 'mart.kinds', format: 'arrow' })
  const reader = RecordBatchReader.from(file.subarray(8)).open()
  expect([...reader].map(({ numRows }) => numRows)).toEqual([5])
})

test.for(['zstd', 'snappy', 'gzip', 'none'])(
  'a Parquet file has every value as Postgres has it, packed with %s, as DuckDB reads it',
  async (compression, { database: { pool } }) => {
    await pool.query(everyKind)
    await pool.query(hardRows)
    const file = await exported(pool, { name: 'mart.kinds', format: 'parquet', compression })
    const path = await asFile(file, 'kinds.parquet')
    expect(await duck(`select column_type from (describe select * from '${path}')`)).toEqual(
      [
        'INTEGER',
        'SMALLINT',
        'BIGINT',
        'DOUBLE',
        'FLOAT',
        'BOOLEAN',
        'VARCHAR',
        'DATE',
        'TIMESTAMP WITH TIME ZONE',
        'TIMESTAMP',
        'TIME',
        'DECIMAL(38,10)',
        'DECIMAL(38,6)',
        'VARCHAR',
        'VARCHAR',
      ].map((type) => ({ column_type: type })),
    )
    const rows = await duck(`
      select id::varchar as id, small::varchar as small, amount_minor::varchar as amount_minor,
        ratio::varchar as ratio, single::varchar as single, is_late::varchar as is_late, name,
        (day - date '1970-01-01')::varchar as day, epoch_us(recorded_at)::varchar as recorded_at,
        epoch_us(local_at)::varchar as local_at, epoch_us(opens)::varchar as opens,
        replace(price::varchar, '.', '') as price, replace(rate::varchar, '.', '') as rate,
        extra, tags
      from '${path}' order by try_cast(id as int)`)
    const expected = await told(pool, 'mart.kinds')
    expect(rows.map(comparable)).toEqual(expected.map(comparable))
  },
)

/** Without the zeros before a number, and one way to write a float. */
function comparable(row: Record<string, string | null>) {
  const { price, rate, ratio, single } = row
  const whole = (digits: string | null | undefined) => digits && BigInt(digits)
  const float = (digits: string | null | undefined) => digits && Number(digits)
  return {
    ...row,
    price: whole(price),
    rate: whole(rate),
    ratio: float(ratio),
    single: float(single),
  }
}

/** DuckDB's own reading of a file. */
async function duck(query: string) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(query)
    return reader.getRowObjectsJson() as Record<string, string | null>[]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function asFile(bytes: Uint8Array, name: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'export-')), name)
  await writeFile(path, bytes)
  return path
}

test('a table without rows still says its columns', async ({ database: { pool } }) => {
  await pool.query('create table mart.none (id int4 not null, rate numeric, at timestamptz)')
  for (const format of ['arrow', 'arrow-stream']) {
    const table = tableFromIPC(await exported(pool, { name: 'mart.none', format }))
    expect(
      table.schema.fields.map(({ name, type, nullable }) => [name, `${type}`, nullable]),
    ).toEqual([
      ['id', 'Int32', false],
      ['rate', 'Decimal[38e0]', true],
      ['at', 'Timestamp<MICROSECOND, UTC>', true],
    ])
    expect(table.numRows).toBe(0)
  }
  const file = await asFile(
    await exported(pool, { name: 'mart.none', format: 'parquet' }),
    'none.parquet',
  )
  expect(await duck(`select count(*)::int as rows from '${file}'`)).toEqual([{ rows: 0 }])
})

test('columns say what they are and what they count', async ({ database: { pool } }) => {
  const table = tableFromIPC(await exported(pool, { name: 'mart.fact_fee', format: 'arrow' }))
  expect(table.schema.metadata.get('description')).toContain('Charged fees as they stand')
  const { metadata } = table.schema.fields.find(({ name }) => name === 'outstanding_minor') ?? {}
  expect(Object.fromEntries(metadata ?? [])).toEqual({
    description: 'Charge less cash less write-off; negative: a credit',
    unit: 'minor units',
  })
})

test.for(['arrow', 'arrow-stream', 'parquet', 'csv', 'ndjson'])(
  'every table of the warehouse leaves as %s, also while it is empty',
  async (format, { database: { pool } }) => {
    const { rows } = await pool.query<{ name: string }>(`
      select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('mart', 'raw')`)
    expect(rows.length).toBeGreaterThan(40)
    for (const { name } of rows) await exported(pool, { name, format })
  },
)

test('a number that no decimal holds leaves as text', async ({ database: { pool } }) => {
  await pool.query(`create table mart.wide as
    select 'NaN'::numeric as broken, 1e30::numeric + 1e-12 as long`)
  const table = tableFromIPC(await exported(pool, { name: 'mart.wide', format: 'arrow' }))
  expect(table.toArray().map(String)).toEqual([
    '{"broken": "NaN", "long": "1000000000000000000000000000000.000000000001"}',
  ])
})

test('infinity is refused where it has no place', async ({ database: { pool } }) => {
  await pool.query(`create table mart.endless as select 'infinity'::timestamptz as until`)
  await expect(exported(pool, { name: 'mart.endless', format: 'parquet' })).rejects.toThrow(
    'Export to CSV or NDJSON',
  )
})

test('rows that come while an export runs are not in it', async ({ database: { pool } }) => {
  await pool.query(`create table mart.growing as
    select n, n * 0.5 as half from generate_series(1, 10) as n`)
  const asked = { name: 'mart.growing', format: 'arrow' }
  await using out = await openExport(asked, packagingOf(asked), tables(pool))
  await pool.query('insert into mart.growing values (11, 0.123456789)')
  const table = tableFromIPC(await buffer(out.bytes))
  expect([table.numRows, out.rows, `${table.schema.fields[1]?.type}`]).toEqual([
    10,
    10,
    'Decimal[38e+1]',
  ])
})

test('an export that is thrown away leaves its session to others', async ({
  database: { pool },
}) => {
  await pool.query('create table mart.few as select n from generate_series(1, 200000) as n')
  const asked = { name: 'mart.few', format: 'arrow' }
  for (let time = 0; time < pool.options.max + 2; time++) {
    await using out = await openExport(asked, packagingOf(asked), tables(pool))
    for await (const _ of out.bytes) break
  }
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a session that the server ends in the middle is an error, not an end', async ({
  database: { pool },
}) => {
  await pool.query(`create table mart.much as
    select n, md5(n::text) as noise from generate_series(1, 200000) as n`)
  const asked = { name: 'mart.much', format: 'arrow-stream' }
  await using out = await openExport(asked, packagingOf(asked), tables(pool))
  const read = async () => {
    for await (const _ of out.bytes)
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'copy %' and pid <> pg_backend_pid()`)
  }
  await expect(read()).rejects.toThrow('terminat')
})

// apache-arrow writes another length here than the format asks for, and does not read it: with its
// own bytes polars and pyarrow fail.
test('what is packed in an Arrow file says how long it is unpacked', async ({
  database: { pool },
}) => {
  await pool.query(`create table mart.much as
    select n, 'the same' as word from generate_series(1, 1000) as n`)
  const asked = { name: 'mart.much', format: 'arrow-stream', compression: 'zstd' }
  const messages = new MessageReader(await exported(pool, asked))
  const lengths = []
  for (const message of messages) {
    const body = messages.readMessageBody(message.bodyLength)
    if (!message.isRecordBatch()) continue
    for (const { offset, length } of message.header().buffers) {
      if (length === 0) continue
      const bytes = Buffer.from(body.subarray(offset, offset + length))
      const unpacked = zstdDecompressSync(bytes.subarray(8)).length
      lengths.push([Number(bytes.readBigInt64LE(0)), unpacked])
    }
  }
  expect(lengths).toEqual([
    [4000, 4000],
    [4004, 4004],
    [8000, 8000],
  ])
})
