import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, vi } from 'vitest'

import { audit } from '#jobs/commands/audit.ts'
import { test as base } from '#test/kit/database.ts'

const test = base.extend('printed', async ({ url, database: { pool } }, { onCleanup }) => {
  await pool.query(`
    insert into engine.sql_audit (at, "user", address, application, outcome, statement, views, code, rows, milliseconds)
    values (now() - interval '3 days', 'ana', '127.0.0.1', 'psql', 'done', 'SELECT 1', '{}', null, 1, 2.5),
      (now(), 'ana', '127.0.0.1', 'psql', 'refused', 'SELECT * FROM mart.fact_fee', '{}', '42P01', null, null),
      (now(), 'bob', '10.0.0.7', '', 'rejected', null, '{}', '28P01', null, null)`)
  vi.stubEnv('DATABASE_URL', url)
  vi.stubEnv('RECOUP_HOME', mkdtempSync(join(tmpdir(), 'recoup-audit-')))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onCleanup(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
  return () => log.mock.calls.map(([line]) => String(line)).join('\n')
})

const usual = { limit: 50, format: 'table' as const }

test('who asked what is listed, the newest first', async ({ printed }) => {
  await audit(usual)
  expect(printed()).toMatch(
    /rejected 28P01.*10\.0\.0\.7[^]*refused 42P01.*mart\.fact_fee[^]*done.*SELECT 1/,
  )
})

test('it is narrowed down by user, outcome and time', async ({ printed }) => {
  await audit({ ...usual, user: 'ana', outcome: 'refused', since: '1d', format: 'json' })
  expect(JSON.parse(printed())).toMatchObject([{ user: 'ana', outcome: 'refused', code: '42P01' }])
})

test('a time that is none is refused with those that are', async () => {
  await expect(audit({ ...usual, since: 'yesterday' })).rejects.toThrow('12h, 1d, 2w')
})
