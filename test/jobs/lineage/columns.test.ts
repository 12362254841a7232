import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as z from 'zod'

import { columnsOf } from '#jobs/lineage/columns.ts'
import { computed, model, type AnyDatabase } from '#kit/asset.ts'
import { count, text } from '#kit/columns.ts'
import { models } from '#models/models.ts'
import type { Kysely } from 'kysely'

const read = (name: string, columns: readonly string[]) => ({
  name,
  contract: z.object(Object.fromEntries(columns.map((column) => [column, text()]))),
})
const a = read('raw.a', ['id', 'word', 'zone'])
const b = read('raw.b', ['id', 'other', 'at'])

/** The lineage of one column `out`, and the conditions, in short. */
function lineageOf(query: (db: Kysely<AnyDatabase>) => unknown) {
  const made = model({
    name: 'mart.made',
    description: 'Made up',
    contract: z.object({ out: text() }),
    grain: ['out'],
    reads: [a, b],
    // oxlint-disable-next-line typescript/no-explicit-any
    query: query as any,
  })
  const { columns, conditions, conditionsBecause, idle } = columnsOf(made)
  const { from, certainty, because } = columns[0]!
  const short = from.map(({ column, how }) => `${how} ${column}`)
  return { from: short, certainty, because, conditions, conditionsBecause, idle }
}

const exact = { certainty: 'exact', because: null, conditionsBecause: null }

test('the lineage of every column of every model is exact', () => {
  const found = models.map(columnsOf)
  const doubtful = found.flatMap(({ asset, columns }) =>
    columns
      .filter(({ certainty }) => certainty !== 'exact')
      .map(({ name, because }) => `${asset}.${name}: ${because}`),
  )
  expect(doubtful).toEqual([])
  expect(found.filter(({ conditionsBecause }) => conditionsBecause !== null)).toEqual([])
})

test('a column handed on through WITH, a join and a subquery is direct', () => {
  expect(
    lineageOf((db) =>
      db
        .with('named', (cte) => cte.selectFrom('raw.a').select(['id', 'word as renamed']))
        .selectFrom((eb) => eb.selectFrom('named as n').selectAll('n').as('s'))
        .leftJoin('raw.b as b', 'b.id', 's.id')
        .select(sql`${sql.ref('s.renamed')}`.as('out')),
    ),
  ).toMatchObject({ ...exact, from: ['direct raw.a.word'], conditions: ['raw.a.id', 'raw.b.id'] })
})

test('a column that only a subquery selects is idle', () => {
  expect(
    lineageOf((db) =>
      db.selectFrom(db.selectFrom('raw.a').selectAll().as('s')).select('s.word as out'),
    ),
  ).toMatchObject({ ...exact, from: ['direct raw.a.word'], idle: ['raw.a.id', 'raw.a.zone'] })
})

test('a union takes its columns by place; one that compares rows is decided by all of them', () => {
  const either = (db: Kysely<AnyDatabase>) => db.selectFrom('raw.a').select(['word as out', 'id'])
  const other = (db: Kysely<AnyDatabase>) =>
    db.selectFrom('raw.b').select(['other', 'id']).$castTo<{ out: string; id: string }>()
  expect(lineageOf((db) => either(db).unionAll(other(db)))).toMatchObject({
    ...exact,
    from: ['direct raw.a.word', 'direct raw.b.other'],
    conditions: [],
  })
  expect(lineageOf((db) => either(db).union(other(db)))).toMatchObject({
    conditions: ['raw.a.id', 'raw.a.word', 'raw.b.id', 'raw.b.other'],
  })
})

test('a correlated subquery speaks of the query around it', () => {
  expect(
    lineageOf((db) =>
      db.selectFrom('raw.a as a').select((eb) =>
        eb
          .selectFrom('raw.b')
          .whereRef('raw.b.id', '=', 'a.id')
          .select(({ fn }) => fn.max('at').as('last'))
          .as('out'),
      ),
    ),
  ).toMatchObject({ ...exact, from: ['computed raw.b.at'], conditions: ['raw.a.id', 'raw.b.id'] })
})

test('a subquery that is not lateral does not see the table beside it', () => {
  const joined = (db: Kysely<AnyDatabase>) =>
    db.selectFrom('raw.a as x').select('x.word as seen').as('s')
  expect(
    lineageOf((db) =>
      db.selectFrom('raw.b as x').innerJoin(joined(db), 's.seen', 'x.id').select('s.seen as out'),
    ),
  ).toMatchObject({ ...exact, from: ['direct raw.a.word'] })
})

test('a group by the number of an output is decided by that output', () => {
  expect(
    lineageOf((db) =>
      db
        .selectFrom('raw.a')
        .groupBy([sql`1`])
        .select(({ ref }) => sql`left(${ref('word')}, 2)`.as('out')),
    ),
  ).toMatchObject({ ...exact, from: ['computed raw.a.word'], conditions: ['raw.a.word'] })
})

test('the syntax of raw SQL is told from columns of the same name', () => {
  expect(
    lineageOf((db) =>
      db
        .selectFrom('raw.a as a')
        .innerJoin('raw.b as b', 'b.id', 'a.id')
        .select(({ ref }) =>
          sql`to_char(${ref('b.at')}::timestamptz at time zone 'UTC', 'id "word"') -- word`.as(
            'out',
          ),
        ),
    ),
  ).toMatchObject({ ...exact, from: ['computed raw.b.at'] })
})

test('a column that raw SQL names itself is found, and is approximate', () => {
  expect(
    lineageOf((db) => db.selectFrom('raw.a as a').select(sql`upper(a.word) || zone`.as('out'))),
  ).toMatchObject({
    from: ['computed raw.a.word', 'computed raw.a.zone'],
    certainty: 'approximate',
    because: 'raw SQL names "a.word"; raw SQL names "zone"',
  })
})

test.for([
  ['a name that is no column here', sql`upper(secret)`, 'raw SQL names "secret"'],
  ['a table', sql`(select max(x.id) from raw.b x)`, 'raw SQL reads the table raw.b'],
  ['all columns', sql`(select * from unnest(array[1]))`, 'raw SQL selects *'],
  ['text with escapes', sql`e'\\' || word || '`, 'a kind of text that is not read'],
] as const)('raw SQL with %s is unresolved', ([, raw, because]) => {
  const found = lineageOf((db) => db.selectFrom('raw.a').select(raw.as('out')))
  expect(found).toMatchObject({ certainty: 'unresolved' })
  expect(found.because).toContain(because)
})

test('doubts about a filter are told with the conditions', () => {
  const found = lineageOf((db) =>
    db
      .selectFrom('raw.a')
      .where(sql<boolean>`hidden = 1`)
      .select('word as out'),
  )
  expect(found).toMatchObject({ certainty: 'exact', from: ['direct raw.a.word'] })
  expect(found.conditionsBecause).toContain('raw SQL names "hidden"')
})

test('a recursive query is unresolved', () => {
  const found = lineageOf((db) =>
    db
      .withRecursive('r', (cte) => cte.selectFrom('raw.a').select('word as out'))
      .selectFrom('r')
      .select('out'),
  )
  expect(found).toMatchObject({
    certainty: 'unresolved',
    because: 'a recursive query is not followed',
  })
})

// Found by mutation: the day a case is decided moves the end of a series, and so its number of rows.
test('the bounds of a series decide how many rows there are', () => {
  const found = lineageOf((db) =>
    db
      .selectFrom('raw.a as a')
      .crossJoinLateral(({ ref }) =>
        sql<object>`(select n as day from generate_series(${ref('a.id')}, ${ref('a.word')}) n)`.as(
          'd',
        ),
      )
      .select('d.day as out'),
  )
  expect(found).toMatchObject({
    ...exact,
    from: ['computed raw.a.id', 'computed raw.a.word'],
    conditions: ['raw.a.id', 'raw.a.word'],
  })
})

test('the columns of raw rows with several columns are not told apart', () => {
  const found = lineageOf((db) =>
    db
      .selectFrom('raw.a as a')
      .innerJoinLateral(
        ({ ref }) =>
          sql<object>`(select ${ref('a.id')} as x, ${ref('a.word')} as y)`.as<'d'>(sql`d (x, y)`),
        (join) => join.onTrue(),
      )
      .select('d.x as out'),
  )
  expect(found).toMatchObject({
    from: ['computed raw.a.id', 'computed raw.a.word'],
    certainty: 'approximate',
  })
})

test('what code fills is unresolved by definition', () => {
  const made = computed({
    name: 'mart.made',
    description: 'Made up',
    contract: z.object({ n: count() }),
    grain: ['n'],
    reads: [a],
    version: '1',
    load: () => Promise.resolve({ rows: 0 }),
  })
  expect(columnsOf(made).columns).toEqual([
    { name: 'n', from: [], certainty: 'unresolved', because: 'filled by code' },
  ])
})
