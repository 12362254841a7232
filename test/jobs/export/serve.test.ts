import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { tableFromIPC } from 'apache-arrow'
import type pg from 'pg'
import { expect } from 'vitest'

import { signToken } from '#cube/server/sign-token.ts'
import { startExportServer } from '#jobs/export/serve.ts'
import { test as base } from '#test/kit/database.ts'

const secret = 'not a secret'
const all = signToken(secret, { groups: ['admin'], marketplaces: 'all' })
const tokens = {
  'who sees all': all,
  'who sees one marketplace': signToken(secret, {
    groups: ['viewer'],
    marketplaces: ['DE'],
  }),
  'who is no admin': signToken(secret, { groups: ['finance'], marketplaces: 'all' }),
  'who signed for another': signToken('another secret', { groups: ['admin'], marketplaces: 'all' }),
  'who says nothing': null,
}

const test = base.extend('served', async ({ url }, { onCleanup }) => {
  const problems: string[] = []
  const server = await startExportServer({
    databaseUrl: url,
    cubeUrl: 'http://127.0.0.1:9/none',
    secret,
    onProblem: (problem) => problems.push(problem),
  })
  onCleanup(() => server[Symbol.asyncDispose]())
  const ask = (path: string, token: string | null = all) =>
    fetch(`${server.url}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} })
  return { ...server, ask, problems }
})

/** Exports that the server of the warehouse still works for. */
async function active(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query(`
    select from pg_stat_activity
    where application_name = 'recoup export' and datname = current_database() and state <> 'idle'`)
  return rows.length
}

async function until(holds: () => Promise<boolean>) {
  const deadline = Date.now() + 5000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come to pass within five seconds.')
    await sleep(20)
  }
}

test.for([
  ['arrow', 'application/vnd.apache.arrow.file', 'mart.few.arrow'],
  ['arrow-stream', 'application/vnd.apache.arrow.stream', 'mart.few.arrows'],
  ['parquet', 'application/vnd.apache.parquet', 'mart.few.parquet'],
  ['csv', 'text/csv; charset=utf-8', 'mart.few.csv'],
  ['csv&compression=gzip', 'application/gzip', 'mart.few.csv.gz'],
  ['ndjson', 'application/x-ndjson', 'mart.few.ndjson'],
] as const)('%s is served as %s', async ([format, type, file], { served, database: { pool } }) => {
  await pool.query('create table mart.few as select n from generate_series(1, 3) as n')
  const response = await served.ask(`/mart.few?format=${format}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(type)
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${file}"`)
  expect((await response.bytes()).length).toBeGreaterThan(5)
})

test('a slice of some columns comes as asked', async ({ served, database: { pool } }) => {
  await pool.query(`create table mart.few as
    select n, 'x' || n as word, n * 1.5 as price from generate_series(1, 5) as n`)
  const response = await served.ask('/few?format=arrow&columns=price,word&where=n=2,3')
  const table = tableFromIPC(await response.bytes())
  expect(table.schema.fields.map(({ name }) => name)).toEqual(['price', 'word'])
  expect([...(table.getChild('word') ?? [])]).toEqual(['x2', 'x3'])
})

test.for([
  ['/mart.few?format=arrow', 'who says nothing', 401, 'Send a token'],
  ['/mart.few?format=arrow', 'who signed for another', 401, 'Send a token'],
  ['/mart.few?format=arrow', 'who sees one marketplace', 403, 'only admin sees it'],
  ['/mart.few?format=arrow', 'who is no admin', 403, 'only admin sees it'],
  ['/mart.few', 'who sees all', 400, 'Say the format: --format arrow, arrow-stream'],
  ['/mart.few?format=arow', 'who sees all', 400, 'Did you mean arrow?'],
  ['/mart.few?fromat=csv', 'who sees all', 400, 'Did you mean format?'],
  ['/mart.few?format=csv&format=arrow', 'who sees all', 400, 'format is given 2 times'],
  [
    '/mart.few?format=arrow&compression=gzip',
    'who sees all',
    400,
    'arrow cannot be packed with gzip',
  ],
  ['/mart.few?format=csv&columns=m', 'who sees all', 400, 'mart.few has no column "m"'],
  ['/mart.few?format=csv&where=n', 'who sees all', 400, '--where n must be like'],
  [
    '/mart.few?format=csv&where=n=one',
    'who sees all',
    400,
    'invalid input syntax for type integer: "one"',
  ],
  ['/mart.few?format=csv&from=2026-01-01', 'who sees all', 400, '--from is for KPIs'],
  ['/mart.fewer?format=csv', 'who sees all', 400, 'Did you mean mart.few?'],
  ['/engine.run?format=csv', 'who sees all', 400, 'There is no table or KPI "engine.run"'],
  ['/', 'who sees all', 404, 'Ask for /export/'],
] as const)(
  '%s, %s: refused with a sentence',
  async ([path, who, status, sentence], { served, database: { pool } }) => {
    await pool.query('create table mart.few (n int4)')
    const response = await served.ask(path, tokens[who])
    expect(response.status).toBe(status)
    expect((await response.json()) as object).toEqual({ error: expect.stringContaining(sentence) })
  },
)

test('a client that leaves in the middle leaves nobody working for it', async ({
  served,
  database: { pool },
}) => {
  await pool.query(`create table mart.much as
    select n, md5(n::text) || md5(n || 'a') || md5(n || 'b') || md5(n || 'c') as noise
    from generate_series(1, 300000) as n`)
  for (const format of ['csv', 'arrow-stream', 'parquet']) {
    const request = get(`${served.url}/mart.much?format=${format}`, {
      headers: { authorization: all },
    })
    const [response] = await once(request, 'response')
    await once(response, 'data')
    response.pause()
    expect(await active(pool)).toBe(1)
    request.destroy()
    await until(async () => (await active(pool)) === 0)
  }
  expect(served.problems).toEqual([])
})

test('a client that leaves before the first row ends the query too', async ({
  served,
  database: { pool },
}) => {
  await pool.query(
    `create view mart.slow as select n, pg_sleep(60)::text from generate_series(1, 3) as n`,
  )
  const gone = new AbortController()
  const asked = fetch(`${served.url}/mart.slow?format=csv`, {
    headers: { authorization: all },
    signal: gone.signal,
  })
  await until(async () => (await active(pool)) === 1)
  gone.abort()
  await expect(asked).rejects.toThrow('aborted')
  await until(async () => (await active(pool)) === 0)
})

test.for(['csv', 'ndjson', 'arrow', 'arrow-stream', 'parquet'])(
  '%s that fails in the middle breaks off, so that nobody takes it for whole',
  async (format, { served, database: { pool } }) => {
    await pool.query(`create view mart.breaks as
      select n, 1 / (150000 - n) as share, md5(n::text) as noise from generate_series(1, 200000) as n`)
    const response = await served.ask(`/mart.breaks?format=${format}`)
    expect(response.status).toBe(200)
    await expect(response.bytes()).rejects.toThrow('terminated')
    expect(served.problems).toEqual([expect.stringContaining('division by zero')])
  },
)

test('a query that fails at once is answered with its reason', async ({
  served,
  database: { pool },
}) => {
  await pool.query(
    `create view mart.breaks as select 1 / (n - 1) as share from generate_series(1, 3) as n`,
  )
  const response = await served.ask('/mart.breaks?format=parquet')
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ error: 'division by zero' })
})

test('more exports at once than there is room for are asked to come back', async ({
  served,
  database: { pool },
}) => {
  await pool.query(
    `create view mart.slow as select n, pg_sleep(60)::text from generate_series(1, 3) as n`,
  )
  const gone = new AbortController()
  const slow = Array.from({ length: 4 }, () =>
    fetch(`${served.url}/mart.slow?format=csv`, {
      headers: { authorization: all },
      signal: gone.signal,
    }).catch(() => null),
  )
  await until(async () => (await active(pool)) === 4)
  const response = await served.ask('/mart.slow?format=csv')
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
  gone.abort()
  await Promise.all(slow)
  await until(async () => (await active(pool)) === 0)
})
