import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Asset } from '#kit/asset.ts'
import { createTableSql, primaryKey, tableColumns } from '#kit/table.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

const assets: readonly Asset[] = [...sources, ...models]

// The tests only look, so they share one.
let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())

test.for(assets.map((asset) => [asset.name, asset] as const))(
  'the table of %s is what its contract says',
  async ([, asset]) => {
    const { db } = database
    const [schema, table] = asset.name.split('.')
    const { rows: columns } = await sql<{ name: string; type: string; nullable: string }>`
      select column_name as name, udt_name as type, is_nullable as nullable
      from information_schema.columns
      where table_schema = ${schema} and table_name = ${table}`.execute(db)
    const { rows: key } = await sql<{ name: string }>`
      select column_name as name
      from information_schema.key_column_usage
      join information_schema.table_constraints using (constraint_schema, constraint_name, table_name)
      where key_column_usage.table_schema = ${schema} and table_name = ${table} and constraint_type = 'PRIMARY KEY'
      order by ordinal_position`.execute(db)

    const actual = columns.map(({ name, type, nullable }) => line(name, type, nullable === 'YES'))
    const promised = tableColumns(asset).map(({ name, type, nullable }) =>
      line(name, type, nullable),
    )
    const differences = [
      ...promised
        .filter((column) => !actual.includes(column))
        .map((column) => `missing: ${column}`),
      ...actual
        .filter((column) => !promised.includes(column))
        .map((column) => `unknown: ${column}`),
    ]
    const keyFound = key.map(({ name }) => name).join(', ')
    const keyPromised = primaryKey(asset).join(', ')
    if (keyFound !== keyPromised)
      differences.push(`primary key is (${keyFound}), the contract says (${keyPromised})`)
    if (differences.length > 0) differences.push(fix(asset))
    expect(differences).toEqual([])
  },
)

test.for(sources.map((source) => [source.name, source] as const))(
  'the rules of %s are the constraints of its table',
  async ([, source]) => {
    const { db } = database
    const constraints = (table: string) =>
      sql<{ name: string; rule: string }>`
        select conname as name, pg_get_constraintdef(oid) as rule from pg_constraint
        where conrelid = ${table}::regclass and contype = 'c' order by conname`.execute(db)
    const promised = `raw.promised_${source.name.slice('raw.'.length)}`
    await sql.raw(createTableSql({ ...source, name: promised })).execute(db)
    const { rows: actual } = await constraints(source.name)
    expect(actual, fix(source)).toEqual((await constraints(promised)).rows)
    await sql.raw(`drop table ${promised}`).execute(db)
  },
)

// The loader tells keys apart by their text; 1.0 and 1.00 would be two keys to it and one to Postgres.
test('a grain is made of values that Postgres writes in one way only', () => {
  const loose = sources.flatMap((source) =>
    tableColumns(source)
      .filter(
        ({ name, type }) =>
          source.grain.includes(name) && ['timestamptz', 'numeric'].includes(type),
      )
      .map(({ name }) => `${source.name}.${name}`),
  )
  expect(loose).toEqual([])
})

function line(name: string, type: string, nullable: boolean): string {
  return `${name} ${type}${nullable ? '' : ' not null'}`
}

function fix(asset: Asset): string {
  return (
    `${asset.name}: the table differs from its contract. Add a migration in jobs/migrations that ` +
    `brings it to this, or correct the contract:\n${createTableSql(asset)}`
  )
}
