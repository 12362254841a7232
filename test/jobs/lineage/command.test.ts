import { globSync, readFileSync } from 'node:fs'

import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'

import { lineage, type LineageOptions } from '#jobs/commands/lineage.ts'
import { cubesReading } from '#jobs/lineage/cubes.ts'
import { UsageError } from '#jobs/terminal/mistakes.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'

/** What the command prints. */
function printed(asset: string | undefined, options: Partial<LineageOptions> = {}): string {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  try {
    lineage(asset, { format: 'table', ...options })
    return String(log.mock.calls[0]?.[0])
  } finally {
    log.mockRestore()
  }
}

test('around a table stands all that it derives from, and all that derives from it', () => {
  const { nodes, edges } = JSON.parse(printed('fact_payment', { format: 'json' })) as {
    nodes: { name: string }[]
    edges: { from: string; to: string }[]
  }
  expect(nodes.map(({ name }) => name)).toEqual([
    'raw.payment_event',
    'raw.marketplace',
    'raw.reason',
    'raw.fx_rate',
    'raw.minor_unit',
    'mart.dim_marketplace',
    'mart.dim_reason',
    'mart.ref_minor_unit',
    'mart.ref_fx_rate',
    'mart.fact_payment_event',
    'mart.fact_payment',
    'cube.kpi_contact',
    'cube.kpi_payment',
  ])
  expect(edges).toContainEqual({ from: 'mart.fact_payment_event', to: 'mart.fact_payment' })
  expect(edges).not.toContainEqual({ from: 'raw.fee', to: 'mart.fact_fee' })
})

test('the JSON says of every node and column what it promises', () => {
  const found = JSON.parse(printed(undefined, { format: 'json' })) as Record<string, object[]>
  expect(Object.keys(found)).toEqual(['nodes', 'edges', 'columns'])
  expect(found.nodes).toHaveLength(sources.length + models.length + 7)
  expect(found.nodes).toContainEqual({
    name: 'mart.fact_payment_event',
    kind: 'model',
    description: 'Payment attempts, captures and refunds on their business date, one row an event.',
    grain: ['source', 'source_event_id'],
    partitions: { business_date: 'day, UTC' },
  })
  expect(found.columns).toContainEqual({
    asset: 'mart.ref_calendar_day',
    columns: expect.arrayContaining([
      {
        name: 'opens_at',
        from: [
          { column: 'raw.calendar_day.day', how: 'computed' },
          { column: 'raw.calendar_day.opens', how: 'computed' },
          { column: 'raw.calendar_day.zone', how: 'computed' },
        ],
        certainty: 'exact',
        because: null,
      },
    ]) as unknown,
    conditions: [],
    conditionsBecause: null,
    idle: [],
  })
})

test('a tree shows a table once with what is behind it', () => {
  expect(printed('mart.fact_fee_event')).toBe(`mart.fact_fee_event  model
  What happened to fees, one row an event, every amount a change on its business date.
  One row: source, source_event_id

Derives from
├─ raw.fee_event  source
├─ raw.fee  source
├─ mart.dim_marketplace
│  └─ raw.marketplace  source
├─ mart.dim_reason
│  └─ raw.reason  source
├─ mart.ref_minor_unit
│  └─ raw.minor_unit  source
└─ mart.ref_fx_rate
   └─ raw.fx_rate  source

Goes into
├─ mart.fact_fee
│  └─ cube.kpi_fee  cube
├─ mart.fact_open_item_snapshot
│  ├─ cube.kpi_appeal  cube
│  └─ cube.kpi_fee  cube
└─ cube.kpi_fee  cube`)
})

test('a column is traced to the feeds, with what decides its rows', () => {
  expect(printed('dim_seller', { column: 'valid_to' })).toBe(`mart.dim_seller.valid_to
├─ raw.seller.seller_id  computed
└─ raw.seller.valid_from  computed`)
  expect(printed(undefined, { column: 'ref_watermark.as_of' })).toBe(`mart.ref_watermark.as_of
├─ mart.dim_marketplace.zone  computed
│  └─ raw.marketplace.zone  direct
├─ raw.case_event.recorded_at  computed
├─ raw.contact.recorded_at  computed
├─ raw.fee_event.recorded_at  computed
└─ raw.payment_event.recorded_at  computed`)
})

test('a Mermaid chart declares every node once, and arrows join declared nodes', () => {
  const [head, ...lines] = printed(undefined, { format: 'mermaid' }).split('\n')
  expect(head).toBe('flowchart LR')
  const declared = lines.flatMap((line) => /^ {4}(n\d+)[[(]+"[^"]+"[\])]+$/.exec(line)?.[1] ?? [])
  const arrows = lines.flatMap((line) => {
    const [, from, to] = /^ {2}(n\d+) --> (n\d+)$/.exec(line) ?? []
    return from && to ? [[from, to]] : []
  })
  const frames = lines.filter((line) => /^ {2}(end|subgraph \w+_schema\["\w+"\])$/.test(line))
  expect(declared.length + arrows.length + frames.length).toBe(lines.length)
  expect(new Set(declared).size).toBe(sources.length + models.length + 7)
  expect(declared).toHaveLength(new Set(declared).size)
  expect(declared).toEqual(expect.arrayContaining(arrows.flat()))
})

test('a Graphviz graph is written in full', () => {
  expect(printed('ref_target', { format: 'dot' })).toBe(`digraph lineage {
  rankdir=LR;
  subgraph "cluster_raw" {
    label="raw";
    "raw.target" [label="target", shape=cylinder];
  }
  subgraph "cluster_mart" {
    label="mart";
    "mart.ref_target" [label="ref_target", shape=box];
  }
  "raw.target" -> "mart.ref_target";
}`)
})

test.for([
  ['fact_fees', {}, 'There is no table "fact_fees". Nearest: fact_fee'],
  ['fact_fee', { column: 'stattus' }, 'mart.fact_fee has no column "stattus". Nearest: status'],
  [undefined, { column: 'is_spam' }, 'It is a column of raw.contact, mart.fact_contact.'],
  ['fact_fee', { columns: true, format: 'dot' }, '--columns is printed as table or json'],
  ['kpi_fee', { columns: true }, 'cube.kpi_fee is a cube'],
] as const)('%s %o is not understood', ([asset, options, message]) => {
  expect(() => printed(asset, options)).toThrow(UsageError)
  expect(() => printed(asset, options)).toThrow(message)
})

test('the name that a table and its cube share means the table', () => {
  expect(printed('dim_seller')).toContain('mart.dim_seller  model')
})

test('the cubes are those of the model, with its names, descriptions and tables', () => {
  const tables = [...sources, ...models].map(({ name }) => name)
  const files = globSync('cube/model/cubes/**/*.yml').map((file) => readFileSync(file, 'utf8'))
  const cubes = files.flatMap((file) => (parse(file) as { cubes: Record<string, string>[] }).cubes)
  const found = cubes.map(({ name, description, sql = '', sql_table = '' }) => ({
    name: `cube.${name}`,
    description,
    reads: tables.filter((table) => RegExp(`\\b${table}\\b`).test(`${sql} ${sql_table}`)),
  }))
  const inOrder = (list: typeof found) => list.toSorted((a, b) => a.name.localeCompare(b.name))
  expect(inOrder(cubesReading(tables))).toEqual(inOrder(found))
})
