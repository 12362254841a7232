import { tableFromIPC } from 'apache-arrow'
import type pg from 'pg'
import { expect } from 'vitest'

import { startExportServer } from '#jobs/export/serve.ts'
import { test as base } from '#test/cube/kit.ts'

import { unscaled } from './kit.ts'

/** Two marketplaces; what the first is charged has more digits than a float. */
const charges = (pool: pg.Pool) =>
  pool.query(`
    insert into mart.fact_fee_event
    select 'billing', id, id, 'charged', day::date, now(), now(), marketplace, 'packaging', 'epr', 's',
      'EUR', null, null, 0, 0, 0, 0, 0, 0, 0, charge::numeric, cash::numeric, cash::numeric, 0, 0
    from (values
      ('a', '2026-10-05', 'DE', '12345678901234567.8901234567', '0'),
      ('b', '2026-10-12', 'FR', '8', '2'),
      ('c', '2026-10-13', 'FR', '-0.5', '0')
    ) as charge (id, day, marketplace, charge, cash);
    insert into mart.ref_watermark values ('fees', now(), '2026-10-13', '2026-10-05');
    insert into engine.materialization
      (run, asset, partition, rows, changed, reads, metadata, started_at)
      values (1, 'mart.fact_fee_event', '', 3, true, '{}', '{}', now())`)

const test = base.extend('ask', async ({ cube, database: { url, pool } }, { onCleanup }) => {
  await charges(pool)
  const server = await startExportServer({
    databaseUrl: url,
    cubeUrl: cube.url,
    secret: 'not a secret',
  })
  onCleanup(() => server[Symbol.asyncDispose]())
  return (path: string, token = cube.token) =>
    fetch(`${server.url}${path}`, { headers: { authorization: token } })
})

test('money of a KPI is exact, and the file says what it is', async ({ ask }) => {
  const response = await ask(
    '/fees_charged?format=arrow&by=marketplace,week&from=2026-10-05&to=2026-10-18',
  )
  const table = tableFromIPC(await response.bytes())
  expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'week Utf8',
    'marketplace Utf8',
    'value Decimal[38e+10]',
  ])
  expect(table.schema.fields[2]?.metadata.get('unit')).toBe('EUR')
  const about = Object.fromEntries(table.schema.metadata)
  expect(about).toMatchObject({ kpi: 'fees_charged', as_of: '2026-10-13', complete: 'false' })
  expect(about.notes).toContain('Not complete: the last complete week is 2026-W41')
  const value = table.getChild('value')
  expect([...(table.getChild('marketplace') ?? [])]).toEqual(['DE', 'FR'])
  expect([0, 1].map((row) => unscaled(value?.get(row)))).toEqual([
    123456789012345678901234567n,
    75000000000n,
  ])
})

test('a rate is a float with what it is out of', async ({ ask }) => {
  const response = await ask('/recovery_cash_rate?format=ndjson&by=marketplace')
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { marketplace: 'DE', value: 0, denominator: '12345678901234567.8901234567' },
    { marketplace: 'FR', value: 2 / 7.5, denominator: '7.5' },
  ])
})

test('months and days are dates', async ({ ask }) => {
  const response = await ask('/fees_charged?format=csv&by=month&where=marketplace=FR')
  expect(await response.text()).toBe('month,value\n2026-10-01,7.5\n')
})

test('a token for one marketplace gets the KPI of that marketplace', async ({ ask, cube }) => {
  const token = cube.tokenFor({ groups: ['viewer'], marketplaces: ['FR'] })
  const response = await ask('/fees_charged?format=csv&by=marketplace', token)
  expect(await response.text()).toBe('marketplace,value\nFR,7.5\n')
})

test.for([
  ['/fees_chargd?format=csv', 'There is no table or KPI "fees_chargd". Did you mean fees_charged?'],
  ['/fees_charged?format=csv&by=market', 'fees_charged has no dimension "market". Did you mean'],
  ['/fees_charged?format=csv&columns=value', '--columns is for tables, and fees_charged is a KPI.'],
] as const)('%s is refused with a sentence', async ([path, sentence], { ask }) => {
  const response = await ask(path)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
})
