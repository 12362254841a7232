import pg from 'pg'
import { expect } from 'vitest'

import { compileOnly } from '#jobs/engine/compile-only.ts'
import { columnsOf } from '#jobs/lineage/columns.ts'
import type { Model } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'
import { models } from '#models/models.ts'
import { type TestDatabase, test } from '#test/kit/database.ts'

test.for(models)('Postgres finds the same columns used in $name', async (model, { database }) => {
  const { columns, conditions, idle } = columnsOf(model)
  const used = columns.flatMap(({ from }) => from.map(({ column }) => column))
  expect([...new Set([...used, ...conditions, ...idle])].sort()).toEqual(
    await columnsInView(database, model),
  )
})

/** What `select *` of a raw table also brings: by which file and line a row came, in no contract. */
const ofTheLoad = /^raw\.\w+\.(load_id|line)$/

/** The columns on which a view of the model's query depends, as Postgres notes them. */
async function columnsInView({ pool }: TestDatabase, { query }: Model): Promise<string[]> {
  const { sql, parameters } = query(compileOnly, whole).compile()
  await pool.query(
    `create view public.seen as ${sql.replaceAll(/\$(\d+)/g, (_, n) => literal(parameters[n - 1]))}`,
  )
  const { rows } = await pool.query<{ name: string }>(`
    select distinct t.relnamespace::regnamespace || '.' || t.relname || '.' || a.attname as name
    from pg_rewrite r
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    join pg_class t on d.refclassid = 'pg_class'::regclass and t.oid = d.refobjid
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where r.ev_class = 'public.seen'::regclass and d.refobjid <> r.ev_class`)
  return rows
    .map(({ name }) => name)
    .filter((name) => !ofTheLoad.test(name))
    .sort()
}

function literal(value: unknown): string {
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value)
}
