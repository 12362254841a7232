import { sql } from 'kysely'
import { expect } from 'vitest'

import { inSlice, type SliceColumns } from '#kit/partitions/in-slice.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'
import { test } from '#test/kit/database.ts'

const november: Slice = {
  keys: ['DE/2026-11'],
  days: { from: '2026-11-01', to: '2026-12-01' },
  instants: { from: '2026-10-31T23:00:00Z', to: '2026-11-30T23:00:00Z' },
  value: 'DE',
}
const germany: Slice = { ...whole, keys: ['DE'], value: 'DE' }
const all = ['a', 'b', 'c', 'd', 'unknown']

test.for<[string, SliceColumns<string>, Slice, string[]]>([
  ['the end of the last day is outside', { day: 'day' }, november, ['b', 'c']],
  ['an instant is in it by the zone it has', { instant: 'at' }, november, ['a', 'b']],
  ['a value is the only one', { value: 'place' }, november, ['b', 'd']],
  ['all columns limit it', { day: 'day', value: 'place' }, november, ['b']],
  ['a slice without days limits none', { day: 'day', instant: 'at' }, germany, all],
  ['of the whole every row is in it', { day: 'day', instant: 'at', value: 'place' }, whole, all],
  ['without columns every row is in it', {}, november, all],
])('%s', async ([, columns, slice, expected], { db }) => {
  await sql`create table mart.event (id text, day date, at timestamptz, place text)`.execute(db)
  await sql`
    insert into mart.event values
      ('a', '2026-10-31', '2026-11-01T00:00+01', 'JP'),
      ('b', '2026-11-01', '2026-11-30T23:59:59.999999+01', 'DE'),
      ('c', '2026-11-30', '2026-12-01T00:00+01', 'JP'),
      ('d', '2026-12-01', '2026-10-31T23:59:59.999999+01', 'DE'),
      ('unknown', null, null, null)`.execute(db)
  const rows = await db
    .selectFrom('mart.event')
    .where(({ ref }) =>
      inSlice(
        Object.fromEntries(Object.entries(columns).map(([kind, name]) => [kind, ref(name)])),
        slice,
      ),
    )
    .select('id')
    .orderBy('id')
    .execute()
  expect(rows.map(({ id }) => id)).toEqual(expected)
})
