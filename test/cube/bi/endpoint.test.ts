import { expect } from 'vitest'

import { spiceSql } from '#cube/bi/spice.ts'
import { type BiField, type BiView, type FieldType, isNumber, readViews } from '#cube/bi/views.ts'
import { makeTranslator } from '#cube/sql/make-translator.ts'
import { readColumnTypes } from '#cube/sql/views.ts'

import { test as base } from '../kit.ts'

const everything = { groups: ['admin'], marketplaces: 'all' as const }

/** The endpoint without its protocol: what it would show, and what Postgres answers. */
const test = base.extend('endpoint', async ({ cube, database }, { onCleanup }) => {
  const { pool } = database
  const door: typeof cube.sqlDoor = {
    ...cube.sqlDoor,
    sql: (_, ...asked) => cube.sqlDoor.sql(everything, ...asked),
  }
  const types = await readColumnTypes(await door.views(everything), door, pool)
  const translator = makeTranslator(door, { types, database: 'recoup' })
  onCleanup(() => translator.close())
  const ask = async (sql: string) => {
    const { text } = await translator.translate(sql, { user: 'ana', context: everything })
    return (await pool.query(text)).fields.map(({ name }) => name)
  }
  return { types, ask }
})

const inPostgres: Record<FieldType, string[]> = {
  string: ['text'],
  boolean: ['boolean'],
  integer: ['integer', 'bigint'],
  decimal: ['numeric', 'double precision'],
  day: ['date'],
  instant: ['timestamp with time zone', 'timestamp without time zone'],
}

// A field that the endpoint lacks, or an aggregation that it refuses, would be an error on the first
// sheet that the field is dragged to.
test('the endpoint has each field, and answers its default aggregation', async ({ endpoint }) => {
  const views = await readViews()
  const told = views.flatMap(({ name, fields }) => fields.map((field) => `${name}.${field.name}`))
  expect(new Set(told)).toEqual(new Set(endpoint.types.keys()))

  for (const view of views) {
    for (const { name, type } of view.fields)
      expect(inPostgres[type], `${view.name}.${name}`).toContain(
        endpoint.types.get(`${view.name}.${name}`),
      )
    expect(await endpoint.ask(aggregated(view))).toEqual(view.fields.map(({ name }) => name))
    expect(await endpoint.ask(spiceSql(view))).not.toEqual([])
  }
})

/** All fields at once, as a tool asks for those that are on a sheet. */
function aggregated({ name, fields }: BiView): string {
  const aggregate = (field: BiField) => {
    if (field.measure?.additivity !== 'non_additive') return 'SUM'
    return isNumber(field) ? 'AVG' : 'MAX'
  }
  const columns = fields.map((field) =>
    field.measure ? `${aggregate(field)}("${field.name}") AS "${field.name}"` : `"${field.name}"`,
  )
  const keys = fields.filter(({ measure }) => !measure).map((field) => `"${field.name}"`)
  return `SELECT ${columns.join(', ')} FROM "bi"."${name}" GROUP BY ${keys.join(', ')}`
}
