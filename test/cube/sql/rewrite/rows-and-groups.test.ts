import { loadModule } from 'libpg-query'
import { beforeAll, expect, test } from 'vitest'

import type { DoorQuery } from '#cube/server/sql-door.ts'
import type { View } from '#cube/sql/rewrite/model.ts'
import { translate } from '#cube/sql/rewrite/translate.ts'

// What the random differential test found: each was another number than SQL on the facts gives.

const dimension = { kind: 'dimension', type: 'string', sqlType: 'text' } as const
const measure = { kind: 'measure', type: 'number' } as const
const fees: View = {
  name: 'fees',
  columns: [
    { name: 'day', member: 'fees.day', kind: 'dimension', type: 'time', sqlType: 'date' },
    { name: 'marketplace', member: 'fees.marketplace', ...dimension },
    { name: 'seller_id', member: 'fees.seller_id', ...dimension, masked: true },
    { name: 'seller_tier', member: 'fees.seller_tier', ...dimension, isJoined: true },
    {
      name: 'fees_count',
      member: 'fees.fees_count',
      ...measure,
      sqlType: 'bigint',
      additivity: 'additive',
    },
  ],
}

/** The statement as translated, and what Cube is asked for it. */
async function translated(sql: string) {
  const asked: DoorQuery[] = []
  const askCube = (query: DoorQuery) => {
    asked.push(query)
    return Promise.resolve({ sql: 'SELECT of_cube', values: [] })
  }
  const views = new Map([[fees.name, fees]])
  const { text } = await translate(sql, { views, database: 'recoup', user: 'ana', askCube })
  return { text, query: asked[0]! }
}

beforeAll(() => loadModule())

test('a count of a column of sellers counts the rows, not each seller once', async () => {
  const { query } = await translated('SELECT marketplace, COUNT(seller_tier) FROM fees GROUP BY 1')
  expect(query).toMatchObject({
    ungrouped: true,
    dimensions: ['fees.marketplace', 'fees.seller_tier'],
  })
})

test('the values that sellers have are still a matter of groups', async () => {
  const { query } = await translated(
    'SELECT COUNT(DISTINCT seller_tier), MAX(seller_tier) FROM fees',
  )
  expect(query.ungrouped).toBeUndefined()
})

test('a measure beside a sum over a CASE is summed from the same rows', async () => {
  const { text, query } = await translated(
    `SELECT MEASURE(fees_count), fees_count + 1, SUM(CASE WHEN marketplace = 'DE' THEN fees_count END)
     FROM fees GROUP BY marketplace`,
  )
  expect(query.ungrouped).toBe(true)
  expect(text.match(/COALESCE\(sum\(COALESCE\(view_rows\.column_\d, 0\)\), 0\)/g)).toHaveLength(2)
})

test('a row that is not counted counts as 0, so that sums of rows are those of groups', async () => {
  const { text } = await translated('SELECT marketplace, fees_count FROM fees')
  expect(text).toContain('COALESCE(view_rows.column_1, 0) AS fees_count')
})

test('a total of no rows is 0 also where a rollup has none to sum', async () => {
  const { text } = await translated('SELECT SUM(fees_count) FROM fees')
  expect(text).toContain('COALESCE(view_groups.measure_0, 0)')
})

test('a day beside its date_trunc is one column of Cube in two types', async () => {
  const { text, query } = await translated(
    `SELECT date_trunc('day', day), day, MEASURE(fees_count) FROM fees GROUP BY 1, 2`,
  )
  expect(query.timeDimensions).toEqual([{ dimension: 'fees.day', granularity: 'day' }])
  expect(text).toContain('key_0::timestamp AS key_0, key_0::date AS key_1')
})

test('a masked column is not looked for in rollups, which lack what the mask is made of', async () => {
  const { query } = await translated('SELECT seller_id, MEASURE(fees_count) FROM fees GROUP BY 1')
  expect(query.fromRows).toBe(true)
})
