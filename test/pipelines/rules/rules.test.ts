import fc from 'fast-check'
import { describe, expect } from 'vitest'
import * as z from 'zod'

import { source } from '#kit/asset.ts'
import { code, count, day, decimal, flag, instant, minor, text } from '#kit/columns.ts'
import { type Value, valueFieldOf } from '#kit/encode/fields/value-of.ts'
import { testOf } from '#kit/rules/bytes.ts'
import { judged } from '#kit/rules/judged.ts'
import type { Condition, Literal } from '#kit/rules/rule.ts'
import { conditionSentence } from '#kit/rules/sentence.ts'
import { conditionSql } from '#kit/rules/sql.ts'
import { columns } from '#kit/table.ts'
import { test } from '#test/kit/database.ts'

const Visit = z.object({
  kind: code(['a', 'bb', 'ccc']).nullable(),
  note: text(9).nullable(),
  visits: count().nullable(),
  guests: count().nullable(),
  paid: minor().nullable(),
  owed: minor().nullable(),
  is_new: flag().nullable(),
  came_on: day().nullable(),
  left_on: day().nullable(),
  came_at: instant().nullable(),
  left_at: instant().nullable(),
})
type Name = keyof typeof Visit.shape

const visit = source({
  name: 'raw.visit',
  description: 'Visits',
  contract: Visit,
  grain: ['kind'],
  example: {},
  rules: [
    { at: 'left_at', must: { column: 'left_at', is: '>=', other: 'came_at' } },
    {
      at: 'paid',
      must: { when: { column: 'kind', is: '=', value: 'bb' }, then: { present: 'paid' } },
    },
  ],
})
const places = columns(visit)

/** Values of each kind, near each other, so that some are equal. */
const values: Record<Name, readonly Literal[]> = {
  kind: ['a', 'bb', 'ccc'],
  note: ['a', 'b', 'é', "o'clock", ' a'],
  visits: [-2_147_483_647, -1, 0, 1, 2, 2_147_483_647],
  guests: [-1, 0, 1, 2, 2_147_483_647],
  paid: [-9_007_199_254_740_991, -4_294_967_297, -1, 0, 1, 4_294_967_296, 9_007_199_254_740_991],
  owed: [-4_294_967_296, -1, 0, 1, 4_294_967_297],
  is_new: [true, false],
  came_on: ['0001-01-01', '1999-12-31', '2000-01-01', '2026-10-14', '9999-12-31'],
  left_on: ['1999-12-31', '2000-01-01', '2026-10-14'],
  came_at: [
    '2026-10-14T09:30:00Z',
    '2026-10-14T09:30:00.000001Z',
    '1999-12-31T23:59:59Z',
    '9999-12-31T23:59:59.999999Z',
  ],
  left_at: [
    '2026-10-14T11:30:00+02:00',
    '2026-10-14T09:29:59.9999999Z',
    '0001-01-01T00:00:00+15:59',
    '9999-12-31T23:59:59.999998Z',
  ],
}
const names = Object.keys(values) as Name[]
const pairs: [Name, Name][] = [
  ['visits', 'guests'],
  ['paid', 'owed'],
  ['came_on', 'left_on'],
  ['came_at', 'left_at'],
]
const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const
const unordered: Name[] = ['kind', 'note', 'is_new']

const name = fc.constantFrom(...names)
const compared = name.chain((column) =>
  fc.record({
    column: fc.constant(column),
    is: fc.constantFrom(...(unordered.includes(column) ? comparisons.slice(0, 2) : comparisons)),
    value: fc.constantFrom(...values[column]),
  }),
)
const paired = fc
  .tuple(fc.constantFrom(...pairs), fc.constantFrom(...comparisons))
  .map(([[column, other], is]) => ({ column, is, other }))
const listed = name.chain((column) =>
  fc
    .array(fc.constantFrom(...values[column]), { minLength: 1, maxLength: 3 })
    .map((oneOf) => ({ column, oneOf: oneOf as [Literal, ...Literal[]] })),
)
const { condition } = fc.letrec<{ condition: Condition<Name> }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    compared,
    paired,
    listed,
    name.map((present) => ({ present })),
    name.map((absent) => ({ absent })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
    fc.record({ when: tie('condition'), then: tie('condition') }),
  ),
}))
const row = fc.record(
  Object.fromEntries(
    names.map((column) => [column, fc.option(fc.constantFrom(...values[column]))]),
  ),
) as fc.Arbitrary<Record<Name, Value>>

function tested(must: Condition<Name>, values: Record<Name, Value>): boolean | null {
  const tuple = Buffer.alloc(1000)
  const starts = new Int32Array(places.length)
  let at = 0
  for (const [i, { name: column, type }] of places.entries()) {
    starts[i] = at
    at = valueFieldOf(type)(values[column as Name], tuple, at)
  }
  return testOf(must, places)(tuple, starts)
}

test('any rule on any row is to the encoder what it is to Postgres', async ({ database }) => {
  const asked = fc.sample(fc.tuple(condition, row), { numRuns: 1500, seed: 3 })
  const types = places.map(({ name: column, type }) => `${column} ${type}`).join(', ')
  await database.pool.query(`create table visit (n int4, ${types})`)
  await database.pool.query(
    `insert into visit select * from json_populate_recordset(null::visit, $1::json)`,
    [JSON.stringify(asked.map(([, values], n) => ({ n, ...values })))],
  )
  const cases = asked.map(([must], n) => `when ${n} then ${conditionSql(must)}`).join('\n')
  const { rows } = await database.pool.query<{ holds: boolean | null }>(
    `select case n ${cases} end as holds from visit order by n`,
  )
  const found = asked.map(([must, values]) => tested(must, values))
  expect(found).toEqual(rows.map(({ holds }) => holds))
  expect(new Set(found).size).toBe(3)
})

describe('a rule that is broken', () => {
  const empty = Object.fromEntries(names.map((column) => [column, null]))
  const left = { came_at: '2026-10-14T09:30:00+02:00', left_at: '2026-10-14T07:29:59Z' }

  test('is told at its column, with what the others hold', () => {
    expect(judged(visit).safeParse({ ...empty, ...left }).error?.issues).toEqual([
      {
        code: 'custom',
        path: ['left_at'],
        message: 'left_at is at or after came_at',
        params: { found: '"2026-10-14T07:29:59Z" with came_at "2026-10-14T09:30:00+02:00"' },
      },
    ])
  })

  test('is not asked of empty columns, nor of a row whose columns are wrong', () => {
    expect(judged(visit).safeParse({ ...empty, left_at: left.left_at }).success).toBe(true)
    expect(judged(visit).safeParse({ ...empty, ...left, paid: 'x' }).error?.issues).toMatchObject([
      { path: ['paid'], code: 'invalid_union' },
    ])
  })
})

test('rules are read as sentences', () => {
  const types = new Map(places.map(({ name: column, type }) => [column, type]))
  const said = (must: Condition<Name>) => conditionSentence(must, types)
  expect(said({ column: 'left_on', is: '<', other: 'came_on' })).toBe('left_on is before came_on')
  expect(said({ column: 'paid', is: '<=', value: 5 })).toBe('paid is at most 5')
  expect(said({ column: 'kind', oneOf: ['a', 'bb'] })).toBe('kind is a or bb')
  expect(
    said({
      when: { all: [{ column: 'kind', is: '<>', value: 'a' }, { absent: 'note' }] },
      then: { any: [{ present: 'paid' }, { not: { column: 'is_new', is: '=', value: true } }] },
    }),
  ).toBe('(paid is not empty or not (is_new is true)) when (kind is not a and note is empty)')
})

test('a rule that cannot be asked exactly is refused when it is written', () => {
  const written = (must: Condition) => () =>
    testOf(must, [...places, { name: 'rate', type: 'numeric' }])
  expect(written({ column: 'rate', is: '>', value: '0' })).toThrow(/rate \(numeric\)/)
  expect(written({ column: 'note', is: '<', value: 'b' })).toThrow(/note \(text\) < b/)
  expect(written({ column: 'visits', is: '=', other: 'paid' })).toThrow(
    /visits \(int4\) = paid \(int8\)/,
  )
  expect(written({ column: 'came_on', is: '=', value: 'today' })).toThrow(
    /"today", which is no date/,
  )
  expect(written({ present: 'gone' })).toThrow(/speaks of gone; the columns are kind, note/)
})

test('a rule names columns of its contract', () => {
  source({
    name: 'raw.rated',
    description: 'Rates',
    contract: z.object({ rate: decimal() }),
    grain: ['rate'],
    example: { rate: '1' },
    // @ts-expect-error there is no such column
    rules: [{ at: 'rates', must: { present: 'rate' } }],
  })
})
