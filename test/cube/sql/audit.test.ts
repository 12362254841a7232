import { sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'

import { type AuditEntry, startAudit } from '#cube/sql/audit.ts'
import { forgetOldQuestions } from '#jobs/forget-questions.ts'
import { test } from '#test/kit/database.ts'

const entry: AuditEntry = {
  at: new Date('2026-01-31T23:59:00Z'),
  user: 'ada',
  address: '127.0.0.1',
  application: 'Tableau',
  outcome: 'done',
  statement: 'select 1',
  views: ['fees', 'a "quoted" \\ one'],
  code: null,
  rows: 1,
  milliseconds: 1.5,
}

test('what was asked is kept as it was, but for what no table can hold', async ({ database }) => {
  const audit = startAudit(database.pool, { onProblem: (problem) => expect.unreachable(problem) })
  audit.note(entry)
  audit.note({ ...entry, outcome: 'rejected', statement: null, views: [], user: 'a\0b' })
  audit.note({
    ...entry,
    outcome: 'failed',
    code: '22012',
    statement: `${'x'.repeat(7999)}😀 and on`,
  })
  for (let n = 0; n < 1200; n++) audit.note({ ...entry, user: 'many' })
  await audit.close()

  const { rows } = await database.pool.query(
    `select at, "user", address, application, outcome, statement, views, code, rows, milliseconds
     from engine.sql_audit where "user" <> 'many' order by id`,
  )
  const kept = { ...entry, at: '2026-01-31T23:59:00Z' }
  expect(rows).toEqual([
    kept,
    { ...kept, outcome: 'rejected', statement: null, views: [], user: 'ab' },
    { ...kept, outcome: 'failed', code: '22012', statement: `${'x'.repeat(7999)}\uFFFD` },
  ])
  const many = await database.pool.query(`select from engine.sql_audit where "user" = 'many'`)
  expect(many.rowCount).toBe(1200)
})

test('a warehouse that is away costs entries and nothing else, and is told of', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1 })
  const problems: string[] = []
  const audit = startAudit(pool, { onProblem: (problem) => problems.push(problem) })
  for (let n = 0; n < 3; n++) audit.note(entry)
  await audit.close()
  await pool.end()
  expect(problems).toEqual([
    expect.stringMatching(/lost 3 entries: .*ECONNREFUSED.* npx recoup doctor/),
  ])
})

test('who asked what is forgotten after 90 days, a little at a time', async ({ db }) => {
  await sql`
    insert into engine.sql_audit (at, "user", address, application, outcome)
    select clock_timestamp() - days * interval '1 day', days::text, '', '', 'done'
    from unnest(array[89, 91, 92, 93]) as days`.execute(db)
  expect(await forgetOldQuestions(db, { atMost: 2 })).toBe(2)
  expect(await forgetOldQuestions(db, { atMost: 2 })).toBe(1)
  const { rows } = await sql`select "user" from engine.sql_audit`.execute(db)
  expect(rows).toEqual([{ user: '89' }])
})
