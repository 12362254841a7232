import { gunzipSync, zstdDecompressSync } from 'node:zlib'

import { expect } from 'vitest'

import { test } from '#test/kit/database.ts'

import { exported } from './kit.ts'

const rows = `
  create table mart.words (
    id int4, text text, is_late bool, recorded_at timestamptz, day date, opens time,
    amount numeric, minor int8, extra jsonb
  );
  insert into mart.words values
    (1, 'a,"b"' || E'\\nc\\\\d', true, '2026-10-04 01:30:00.000001+02', '2026-10-04', '17:30',
      12345678901234567890.10, 9007199254740993, '{"a": 1}'),
    (2, '', false, '2026-10-04 01:30:00+02', null, null, -0.5, null, null),
    (3, null, null, 'infinity', null, null, null, null, null),
    (4, '=1+1', null, null, null, null, null, null, '"日本\\u0001"')`

const csv = [
  'id,text,is_late,recorded_at,day,opens,amount,minor,extra',
  '1,"a,""b""\nc\\d",true,2026-10-03T23:30:00.000001Z,2026-10-04,17:30:00,12345678901234567890.10,9007199254740993,"{""a"": 1}"',
  '2,"",false,2026-10-03T23:30:00.000000Z,,,-0.5,,',
  '3,,,infinity,,,,,',
  '4,=1+1,,,,,,,"""日本\\u0001"""',
  '',
].join('\n')

const ndjson = [
  String.raw`{"id":1,"text":"a,\"b\"\nc\\d","is_late":true,"recorded_at":"2026-10-03T23:30:00.000001Z","day":"2026-10-04","opens":"17:30:00","amount":"12345678901234567890.10","minor":9007199254740993,"extra":{"a": 1}}`,
  '{"id":2,"text":"","is_late":false,"recorded_at":"2026-10-03T23:30:00.000000Z","day":null,"opens":null,"amount":"-0.5","minor":null,"extra":null}',
  '{"id":3,"text":null,"is_late":null,"recorded_at":"infinity","day":null,"opens":null,"amount":null,"minor":null,"extra":null}',
  String.raw`{"id":4,"text":"=1+1","is_late":null,"recorded_at":null,"day":null,"opens":null,"amount":null,"minor":null,"extra":"日本\u0001"}`,
  '',
].join('\n')

test.for([
  ['csv', csv],
  ['ndjson', ndjson],
] as const)(
  '%s has each value in full, instants in UTC and decimals exact',
  async ([format, text], { database: { pool } }) => {
    await pool.query(rows)
    expect((await exported(pool, { name: 'mart.words', format })).toString()).toBe(text)
  },
)

test('what is packed unpacks to the same', async ({ database: { pool } }) => {
  await pool.query(rows)
  const asked = { name: 'mart.words', format: 'csv' }
  const gzip = await exported(pool, { ...asked, compression: 'gzip' })
  const zstd = await exported(pool, { ...asked, compression: 'zstd' })
  expect(gunzipSync(gzip).toString()).toBe(csv)
  expect(zstdDecompressSync(zstd).toString()).toBe(csv)
})

test('a table without rows is a header in CSV and nothing in NDJSON', async ({
  database: { pool },
}) => {
  await pool.query('create table mart.none (id int4, "odd ""name" text)')
  const asked = { name: 'mart.none' }
  expect((await exported(pool, { ...asked, format: 'csv' })).toString()).toBe('id,"odd ""name"\n')
  expect((await exported(pool, { ...asked, format: 'ndjson' })).toString()).toBe('')
})
