import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type {
  CreateDashboardCommandInput,
  CreateDataSetCommandInput,
} from '@aws-sdk/client-quicksight'
import StreamZip from 'node-stream-zip'
import { expect, test } from 'vitest'

import { DEFAULT_ADDRESS } from '#cube/bi/address.ts'
import { EXAMPLE_ACCOUNT } from '#cube/bi/quicksight-types.ts'
import { quicksightAssets, quicksightFiles } from '#cube/bi/quicksight.ts'
import { readViews } from '#cube/bi/views.ts'

const views = await readViews()
const assets = quicksightAssets(views, DEFAULT_ADDRESS, EXAMPLE_ACCOUNT, ['direct', 'spice'])

function dataSet(id: string): CreateDataSetCommandInput {
  const found = assets.dataSets.find(({ DataSetId }) => DataSetId === id)
  if (!found) throw new Error(`There is no data set ${id}.`)
  return found
}

/** The columns of a data set under the names that QuickSight shows. */
function columnsOf({ PhysicalTableMap, LogicalTableMap }: CreateDataSetCommandInput): string[] {
  const table = Object.values(PhysicalTableMap ?? {})[0]
  const columns = table?.RelationalTable?.InputColumns ?? table?.CustomSql?.Columns ?? []
  const transforms = Object.values(LogicalTableMap ?? {}).flatMap((one) => one.DataTransforms ?? [])
  const titles = new Map(
    transforms.flatMap(({ RenameColumnOperation: rename }) =>
      rename ? [[rename.ColumnName, rename.NewColumnName ?? '']] : [],
    ),
  )
  return columns.map(({ Name = '' }) => titles.get(Name) ?? Name)
}

test('every column of a view is one of its data set, under its own title', () => {
  for (const view of views) {
    const columns = columnsOf(dataSet(`recoup-${view.name}`))
    expect(columns).toEqual(view.fields.map(({ title }) => title))
    expect(new Set(columns).size).toBe(columns.length)
  }
})

test('descriptions and folders name columns that are there, in words that fit', () => {
  for (const set of assets.dataSets) {
    const columns = columnsOf(set)
    const tags = Object.values(set.LogicalTableMap ?? {})
      .flatMap(({ DataTransforms = [] }) => DataTransforms)
      .flatMap(({ TagColumnOperation: tag }) => (tag ? [tag] : []))
    const folders = Object.values(set.FieldFolders ?? {}).flatMap((folder) => folder.columns ?? [])

    expect(columns).toEqual(expect.arrayContaining(tags.map((tag) => tag.ColumnName)))
    expect(folders.sort()).toEqual([...columns].sort())
    for (const { Tags: [tag] = [] } of tags) {
      // QuickSight refuses a longer one.
      expect(tag?.ColumnDescription?.Text?.length).toBeLessThanOrEqual(500)
    }
  }
})

test('SPICE keeps what may be summed again, by day and slice: no ratio, no balance, no single fee', () => {
  const columns = columnsOf(dataSet('recoup-fees-spice'))
  expect(columns).toEqual(expect.arrayContaining(['Day', 'Marketplace', 'Fees charged']))
  expect(columns).not.toContain('Recovery rate, cash basis')
  expect(columns).not.toContain('Outstanding')
  expect(columns).not.toContain('Fee')
  expect(sqlOf('recoup-payments-spice')).toBe(
    'SELECT "day", "marketplace", "partner", "method", "decline_group", ' +
      'SUM("attempts_submitted") AS "attempts_submitted", ' +
      'SUM("attempts_authorised") AS "attempts_authorised", ' +
      'SUM("payments_submitted") AS "payments_submitted", ' +
      'SUM("payments_authorised_24h") AS "payments_authorised_24h", ' +
      'SUM("transactions") AS "transactions", SUM("declines") AS "declines" ' +
      'FROM "bi"."payments" GROUP BY "day", "marketplace", "partner", "method", "decline_group"',
  )
})

function sqlOf(id: string) {
  return Object.values(dataSet(id).PhysicalTableMap ?? {})[0]?.CustomSql?.SqlQuery
}

test('over SPICE a ratio is worked out from sums; where a part is not kept there is none', () => {
  const { Definition } = dashboard('recoup-starter-spice')
  const expressions = new Map(
    Definition?.CalculatedFields?.map(({ Name, Expression }) => [Name, Expression]),
  )
  expect(expressions.get('Recovery rate, cash basis')).toBe(
    'sum({Fees collected, net}) / nullIf(sum({Fees charged}), 0)',
  )
  expect(expressions.get('SLA attainment, if all pending are met')).toBe(
    '(sum({SLA met}) + sum({SLA pending})) / nullIf(sum({SLA cycles}), 0)',
  )
  expect(expressions.has('Recovery rate after 30 days')).toBe(false)
  expect(descriptionOf('recoup-fees', 'Recovery rate after 30 days')).toMatch(/Not in SPICE\.$/)
})

function descriptionOf(id: string, column: string) {
  const transforms = Object.values(dataSet(id).LogicalTableMap ?? {})[0]?.DataTransforms ?? []
  const tag = transforms.find((one) => one.TagColumnOperation?.ColumnName === column)
  return tag?.TagColumnOperation?.Tags?.[0]?.ColumnDescription?.Text
}

function dashboard(id: string): CreateDashboardCommandInput {
  const found = assets.dashboards.find(({ DashboardId }) => DashboardId === id)
  if (!found) throw new Error(`There is no dashboard ${id}.`)
  return found
}

test.each(['recoup-starter', 'recoup-starter-spice'])('%s shows only columns there are', (id) => {
  const { Definition } = dashboard(id)
  const sets = new Map(
    Definition?.DataSetIdentifierDeclarations?.map(({ Identifier, DataSetArn = '' }) => [
      Identifier,
      columnsOf(dataSet(DataSetArn.split('/')[1] ?? '')),
    ]),
  )
  for (const { DataSetIdentifier, Name = '' } of Definition?.CalculatedFields ?? [])
    sets.get(DataSetIdentifier)?.push(Name)

  const columns = [...JSON.stringify(Definition).matchAll(/"Column":(\{[^}]+\})/g)].map(
    ([, json = '']) => JSON.parse(json) as { DataSetIdentifier: string; ColumnName: string },
  )
  expect(columns.length).toBeGreaterThan(20)
  for (const { DataSetIdentifier, ColumnName } of columns)
    expect(sets.get(DataSetIdentifier)).toContain(ColumnName)
})

test('each sheet places each of its visuals once', () => {
  for (const { Definition } of assets.dashboards) {
    expect(Definition?.Sheets?.length).toBeGreaterThan(3)
    for (const { Visuals = [], Layouts = [] } of Definition?.Sheets ?? []) {
      const ids = Visuals.flatMap((visual) => Object.values(visual).map((one) => one?.VisualId))
      const elements = Layouts[0]?.Configuration?.GridLayout?.Elements ?? []
      expect(elements.map(({ ElementId }) => ElementId)).toEqual(ids)
      expect(new Set(ids).size).toBe(ids.length)
    }
  }
})

test('the bundle unpacks to one file per asset, named as QuickSight exports them', async () => {
  const bundle = quicksightFiles(views, DEFAULT_ADDRESS, EXAMPLE_ACCOUNT).at(-1)
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  await writeFile(join(folder, 'recoup.qs'), bundle?.content ?? '')
  const zip = new StreamZip.async({ file: join(folder, 'recoup.qs') })

  expect(Object.keys(await zip.entries())).toEqual([
    'datasource/recoup.json',
    ...views.map(({ name }) => `dataset/recoup-${name}.json`),
    'dashboard/recoup-starter.json',
  ])
  const text = (await zip.entryData('dataset/recoup-fees.json')).toString()
  expect(JSON.parse(text)).toMatchObject({
    resourceType: 'dataset',
    dataSetId: 'recoup-fees',
    importMode: 'DIRECT_QUERY',
    physicalTableMap: { 'recoup-fees': { relationalTable: { schema: 'bi', name: 'fees' } } },
    fieldFolders: { 'Charged and collected': { columns: expect.any(Array) } },
  })
  await zip.close()
  await rm(folder, { recursive: true })
})
