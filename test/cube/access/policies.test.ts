import { afterAll, expect, test } from 'vitest'
import type { SecurityContext } from '#cube/access/user.ts'
import { createDatabase } from '#test/kit/database.ts'
import { askCube, type CubeQuery } from '../ask-cube.ts'
import { openCube } from '../kit.ts'

// Nothing here changes what is there, so one Cube serves all tests.
const database = await createDatabase()
const cube = await openCube({ databaseUrl: database.url })
afterAll(async () => {
  await cube.close()
  await database.close()
})

/** A fee of one seller in each of two marketplaces, and how far the data reaches. */
await database.pool.query(`
  insert into mart.fact_fee_event
  select 'billing', id, id, 'charged', '2026-10-05', now(), now(), marketplace, 'packaging', 'epr',
    seller, 'EUR', null, null, 0, 0, 0, 0, 0, 0, 0, charge, 0, 0, 0, 0
  from (values ('F1', 'DE', 'anna', 10), ('F2', 'FR', 'bert', 5)) as fee (id, marketplace, seller, charge);
  insert into mart.ref_watermark values ('fees', now(), '2026-10-06', '2026-09-28');
  insert into engine.materialization
    (run, asset, partition, rows, changed, reads, metadata, started_at)
    values (1, 'mart.fact_fee_event', '', 2, true, '{}', '{}', now())`)

const ask = (query: CubeQuery, context: SecurityContext) =>
  askCube({ url: cube.url, token: cube.tokenFor(context) }, query)

const bySeller: CubeQuery = {
  measures: ['fees.fees_charged'],
  dimensions: ['fees.seller_id'],
  order: [['fees.seller_id', 'asc']],
}
const finance: SecurityContext = { groups: ['finance'], marketplaces: 'all' }
const viewer: SecurityContext = { groups: ['viewer'], marketplaces: 'all' }

test('finance sees sellers, and only in the marketplaces it has', async () => {
  expect(await ask(bySeller, finance)).toEqual([
    { 'fees.seller_id': 'anna', 'fees.fees_charged': '10' },
    { 'fees.seller_id': 'bert', 'fees.fees_charged': '5' },
  ])
  expect(await ask(bySeller, { ...finance, marketplaces: ['FR'] })).toEqual([
    { 'fees.seller_id': 'bert', 'fees.fees_charged': '5' },
  ])
})

test('a viewer sees one masked seller with the sum of all', async () => {
  const masked = [{ 'fees.seller_id': 'masked', 'fees.fees_charged': '15' }]
  expect(await ask(bySeller, viewer)).toEqual(masked)
  expect(await ask(bySeller, { ...viewer, marketplaces: ['DE'] })).toEqual([
    { 'fees.seller_id': 'masked', 'fees.fees_charged': '10' },
  ])
})

test('single rows are masked too, and come in no order that tells the seller', async () => {
  const rows = await ask(
    { ...bySeller, dimensions: ['fees.seller_id', 'fees.fee_id'], ungrouped: true, measures: [] },
    viewer,
  )
  expect(rows).toEqual(
    Array.from({ length: 2 }, () => ({ 'fees.seller_id': 'masked', 'fees.fee_id': 'masked' })),
  )
  const first = { dimensions: ['fees.marketplace'], limit: 1 }
  const order = (direction: 'asc' | 'desc'): [string, typeof direction][] => [
    ['fees.seller_id', direction],
  ]
  expect(await ask({ ...first, order: order('asc') }, viewer)).toEqual(
    await ask({ ...first, order: order('desc') }, viewer),
  )
})

test.for([
  ['a filter', [{ member: 'fees.seller_id', operator: 'equals', values: ['anna'] }]],
  ['a pattern', [{ member: 'fees.fee_id', operator: 'startsWith', values: ['F'] }]],
  ['a filter inside others', [{ or: [{ and: [{ member: 'fees.seller_id', operator: 'set' }] }] }]],
] as const)('%s by what is masked is refused, and not for who sees it', async ([, given]) => {
  const filters = structuredClone(given) as unknown as NonNullable<CubeQuery['filters']>
  const query = { measures: ['fees.fees_charged'], filters }
  await expect(ask(query, viewer)).rejects.toThrow(/fees\.\w+ is masked for you/)
  expect(await ask(query, finance)).toHaveLength(1)
})

test('a filter by a member of a private cube is refused: it is not masked there', async () => {
  const filters = [{ member: 'kpi_fee.seller_id', operator: 'equals', values: ['anna'] }]
  for (const context of [viewer, finance])
    await expect(ask({ measures: ['fees.fees_charged'], filters }, context)).rejects.toThrow(
      "You requested hidden member: 'kpi_fee.seller_id'",
    )
  expect(cube.problems).toEqual([])
})

test('a filter of GraphQL by what is masked is refused as well', async () => {
  expect(await ask(bySeller, viewer)).toHaveLength(1)
  const question = `{ cube(where: { fees: { seller_id: { equals: "anna" } } }) { fees { fees_charged } } }`
  const response = await fetch(`${cube.url}/graphql`, {
    method: 'POST',
    headers: { authorization: cube.tokenFor(viewer), 'content-type': 'application/json' },
    body: JSON.stringify({ query: question }),
  })
  expect(await response.text()).toContain('fees.seller_id is masked for you')
})

test("Cube's own SQL over HTTP, which masks would not hold for, is not answered", async () => {
  const response = await fetch(`${cube.url}/v1/cubesql`, {
    method: 'POST',
    headers: { authorization: cube.tokenFor(viewer), 'content-type': 'application/json' },
    body: JSON.stringify({ query: "SELECT 1 FROM fees WHERE seller_id = 'anna'" }),
  })
  expect(response.status).toBe(404)
})

test('the SQL endpoint is told what is masked', async () => {
  const masked = async (context: SecurityContext) => {
    const views = await cube.sqlDoor.views(context)
    const members = views.find(({ name }) => name === 'fees')?.members ?? []
    return members.filter((member) => member.masked).map(({ name }) => name)
  }
  expect(await masked(viewer)).toEqual(['fees.seller_id', 'fees.fee_id'])
  expect(await masked(finance)).toEqual([])
  expect(await masked({ groups: ['finance', 'viewer'], marketplaces: ['DE'] })).toEqual([])
})

test('who is in two groups sees what either sees, and no row more', async () => {
  const both: SecurityContext = { groups: ['viewer', 'finance'], marketplaces: ['FR'] }
  expect(await ask(bySeller, both)).toEqual([
    { 'fees.seller_id': 'bert', 'fees.fees_charged': '5' },
  ])
  const filters = [{ member: 'fees.seller_id', operator: 'equals', values: ['anna'] }]
  expect(await ask({ ...bySeller, filters }, both)).toEqual([])
  expect(await cube.views(both)).toHaveLength(5)
})

test('a view that is not granted is neither listed nor answered', async () => {
  const clerk: SecurityContext = { groups: ['appeals_ops'], marketplaces: 'all' }
  const names = async (context: SecurityContext) =>
    (await cube.views(context)).map(({ name }) => name)
  expect(await names(clerk)).toEqual(['appeals', 'contacts', 'freshness'])
  await expect(ask({ measures: ['fees.fees_charged'] }, clerk)).rejects.toThrow('hidden member')
  await expect(ask({ dimensions: ['fees.stream'] }, clerk)).rejects.toThrow('hidden member')
  expect(await names({ groups: ['partner_manager'], marketplaces: ['DE'] })).toEqual([
    'contacts',
    'freshness',
    'payments',
  ])
  expect(await names({ groups: ['viewer'] })).toEqual([])
})

test('whoever sees anything sees how far the data reaches', async () => {
  const query = {
    dimensions: ['freshness.feed', 'freshness.as_of'],
    measures: ['freshness.feeds_count'],
  }
  const row = {
    'freshness.feed': 'fees',
    'freshness.as_of': '2026-10-06T00:00:00.000',
    'freshness.feeds_count': '1',
  }
  expect(await ask(query, { groups: ['appeals_ops'], marketplaces: ['JP'] })).toEqual([row])
  await expect(ask(query, { groups: ['appeals_ops'], marketplaces: [] })).rejects.toThrow('hidden')
})
