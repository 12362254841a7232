import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { askCube } from '../ask-cube.ts'
import type { SecurityContext } from '#cube/access/user.ts'
import { signToken } from '#cube/server/sign-token.ts'
import { test as base, type TestDatabase } from '#test/kit/database.ts'
import { openCube } from '../kit.ts'

const model = fileURLToPath(new URL('tiny-model', import.meta.url))

/** A warehouse of three sales in two marketplaces. */
const test = base
  .extend('sales', async ({ db }) => {
    await sql`create table mart.sale (sale_id text, marketplace text, day date, amount numeric)`.execute(
      db,
    )
    await sell(db, 'A', 'DE', '10.10')
    await sell(db, 'B', 'DE', '0.20')
    await sell(db, 'C', 'PL', '5')
    return db
  })
  .extend('cube', async ({ url, sales }, { onCleanup }) => {
    expect(sales).toBeDefined()
    const cube = await openCube({ databaseUrl: url, model, maxRows: 3 })
    onCleanup(() => cube.close())
    return cube
  })

async function sell(db: TestDatabase['db'], id: string, marketplace: string, amount: string) {
  await sql`insert into mart.sale values (${id}, ${marketplace}, '2026-01-05', ${amount}::numeric)`.execute(
    db,
  )
  await sql`insert into engine.materialization
    (run, asset, partition, rows, changed, reads, metadata, started_at)
    values (1, 'mart.sale', ${id}, 1, true, '{}', '{}', now())`.execute(db)
}

const amount = { measures: ['sales.amount'] }
const byMarketplace = { ...amount, dimensions: ['sales.marketplace'] }

const status = async (url: string, token?: string) => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: token }) }
  const body = JSON.stringify({ query: amount })
  return (await fetch(`${url}/v1/load`, { method: 'POST', headers, body })).status
}

test('a sum is answered exactly, to the last digit', async ({ cube }) => {
  expect(await askCube(cube, amount)).toEqual([{ 'sales.amount': '15.30' }])
})

test('a calendar week is the ISO week of the business day, whatever the zone of the server', async ({
  cube,
}) => {
  const timeDimensions = [{ dimension: 'sales.day', granularity: 'week' }]
  expect(await askCube(cube, { ...amount, timeDimensions })).toMatchObject([
    { 'sales.day.week': '2026-01-05T00:00:00.000', 'sales.amount': '15.30' },
  ])
})

test('GraphQL gives the same number', async ({ cube }) => {
  const response = await fetch(`${cube.url}/graphql`, {
    method: 'POST',
    headers: { authorization: cube.token, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ cube { sales { amount } } }' }),
  })
  expect(await response.json()).toMatchObject({ data: { cube: [{ sales: { amount: 15.3 } }] } })
})

test('nobody reads a number without a valid token', async ({ cube }) => {
  const context: SecurityContext = { groups: ['admin'], marketplaces: 'all' }
  expect(await status(cube.url)).toBe(403)
  expect(await status(cube.url, signToken('another secret', context))).toBe(403)
  expect(await status(cube.url, signToken('not a secret', context, { expiresInSeconds: -1 }))).toBe(
    403,
  )
  expect(await status(cube.url, cube.token)).toBe(200)
  expect(cube.problems).toEqual([])
})

test('who may see one marketplace sees one, also in the total', async ({ cube }) => {
  const token = cube.tokenFor({ groups: ['viewer'], marketplaces: ['PL'] })
  expect(await askCube({ url: cube.url, token }, byMarketplace)).toEqual([
    { 'sales.marketplace': 'PL', 'sales.amount': '5' },
  ])
  expect(await askCube({ url: cube.url, token }, amount)).toEqual([{ 'sales.amount': '5' }])
})

test.for<[string, SecurityContext]>([
  ['in no group', { groups: [], marketplaces: 'all' }],
  ['in a group that there is not', { groups: ['viewer:all', 'anyone'], marketplaces: 'all' }],
  ['without the list of marketplaces', { groups: ['viewer'] }],
  ['with an empty list of marketplaces', { groups: ['viewer'], marketplaces: [] }],
])('someone %s sees nothing', async ([, context], { cube }) => {
  const token = cube.tokenFor(context)
  const rows = await askCube({ url: cube.url, token }, byMarketplace).catch(() => [])
  expect(rows).toEqual([])
})

test('an answer of as many rows as allowed is complete, and one of more is refused', async ({
  cube,
  sales,
}) => {
  const each = { dimensions: ['sales.id'] }
  expect(await askCube(cube, each)).toHaveLength(3)
  await sell(sales, 'D', 'PL', '1')
  await expect(askCube(cube, each)).rejects.toThrow(
    'Cube: The answer has more than 3 rows and is refused rather than cut off. Ask for fewer ' +
      'dimensions or a shorter period, or page through it with your own "order", "limit" and "offset".',
  )
  const page = { ...each, order: [['sales.id', 'asc']] as [string, 'asc'][], limit: 3, offset: 3 }
  expect(await askCube(cube, page)).toEqual([{ 'sales.id': 'D' }])
})

test('what has been loaded is in the very next answer, from the rollup too', async ({
  cube,
  sales,
}) => {
  for (const [id, total] of [
    ['D', '16.30'],
    ['E', '17.30'],
  ] as const) {
    await askCube(cube, amount)
    await sell(sales, id, 'PL', '1')
    expect(await askCube(cube, amount)).toEqual([{ 'sales.amount': total }])
  }
  const { rows } = await sql`select from pg_tables where schemaname = 'rollup'`.execute(sales)
  expect(rows).not.toHaveLength(0)
})

test('two servers in one process do not answer from each other', async ({ cube, url, sales }) => {
  await askCube(cube, amount)
  const other = await openCube({ databaseUrl: url.replace(/[^/]+$/, 'postgres'), model })
  await expect(askCube(other, amount)).rejects.toThrow('The warehouse cannot be read')
  await other.close()
  expect(sales).toBeDefined()
})

test('a question with a mistake is answered to whoever asked, and to nobody else', async ({
  cube,
}) => {
  await expect(askCube(cube, { measures: ['sales.amuont'] })).rejects.toThrow("'amuont' not found")
  await expect(askCube(cube, { measures: ['sale.amount'] })).rejects.toThrow('hidden member')
  expect(cube.problems).toEqual([])
})

test('a warehouse that is gone is a problem for the operator', async ({ cube, sales }) => {
  await sql`drop table mart.sale`.execute(sales)
  await expect(askCube(cube, { dimensions: ['sales.id'] })).rejects.toThrow('does not exist')
  expect(cube.problems).toContainEqual(expect.stringMatching(/^Cube: .*mart.sale.* does not exist/))
})

test('a model whose view does not say who sees it is not served', async ({ url }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-open-view-'))
  const open = 'views: [{ name: sales, cubes: [] }]'
  writeFileSync(join(folder, 'sales.yml'), open)
  await expect(openCube({ databaseUrl: url, model: folder })).rejects.toThrow(
    'sales.yml: sales has no access_policy, so everyone sees everything in it.',
  )
  writeFileSync(
    join(folder, 'sales.yml'),
    open.replace('cubes', 'access_policy: [{ group: sellers }], cubes'),
  )
  await expect(openCube({ databaseUrl: url, model: folder })).rejects.toThrow(
    'sales.yml: sales has a policy for "sellers", which is no group. Groups are admin:all',
  )
})

test('an idle Cube costs next to nothing, prints nothing, and lets the process end', async ({
  url,
  sales,
}) => {
  expect(sales).toBeDefined()
  const program = fileURLToPath(new URL('leaves-quietly.process.ts', import.meta.url))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, url, model])
  const { idleCpu, keptAliveBy } = JSON.parse(stdout)
  expect(stderr).toBe('')
  expect(idleCpu).toBeLessThan(0.01)
  expect(keptAliveBy).toEqual([])
})
