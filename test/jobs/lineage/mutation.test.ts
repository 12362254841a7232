import pg from 'pg'
import { expect } from 'vitest'

import { compileOnly } from '#jobs/engine/compile-only.ts'
import { columnsOf } from '#jobs/lineage/columns.ts'
import type { Model } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'
import { factCaseCycle } from '#models/cases/fact-case-cycle.ts'
import { factCaseEvent } from '#models/cases/fact-case-event.ts'
import { factCase } from '#models/cases/fact-case.ts'
import { factContact } from '#models/contacts/fact-contact.ts'
import { factFeeEvent } from '#models/fees/fact-fee-event.ts'
import { factFee } from '#models/fees/fact-fee.ts'
import { factOpenItemSnapshot } from '#models/open-items/fact-open-item-snapshot.ts'
import { refFxRate } from '#models/reference/ref-fx-rate.ts'
import { test, type TestDatabase } from '#test/kit/database.ts'
import { build } from '#test/kit/rows.ts'
import { at, beforeCycles, landCases } from '#test/models/cases/desk.ts'
import { contact, landContacts, pool } from '#test/models/contacts/desk.ts'
import { event, fee, keepLedger, rate } from '#test/models/fees/ledger.ts'

test('another value in a column of a fee changes only what is said to come from it', async ({
  db,
  database,
}) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F' }), fee({ fee_id: 'G', marketplace: 'US', currency: 'USD' })],
    events: [
      event('charged', '2026-01-05', 10000),
      event('adjusted', '2026-01-08', 500, { reason_code: 'late_fee' }),
      event('collected', '2026-01-20', 7000),
      event('disputed', '2026-02-01', 0),
      event('charged', '2026-01-05', 900, { fee_id: 'G', currency: 'USD' }),
      event('adjusted', '2026-01-09', 700, {
        fee_id: 'G',
        currency: 'USD',
        amount_kind: 'restated',
      }),
    ],
    rates: [rate('USD', '2026-01-05', '1.1'), rate('USD', '2026-01-09', '1.2')],
    asOf: '2026-04-04',
  })
  await changesOnlyWhatIsSaid(database, factFeeEvent, factFee, factOpenItemSnapshot, refFxRate)
})

test('another value in a column of a case changes only what is said to come from it', async ({
  db,
  database,
}) => {
  await landCases(
    db,
    {
      A: [
        at('2026-10-14T09:00Z', 'received'),
        at('2026-10-14T10:00Z', 'paused'),
        at('2026-10-15T10:00Z', 'resumed'),
        at('2026-10-16T08:00Z', 'decided'),
        at('2026-10-20T08:00Z', 'reopened'),
      ],
      B: [at('2026-10-15T09:00Z', 'received'), at('2026-10-16T09:00Z', 'withdrawn')],
    },
    { clock: 'business', calendar: 'office', pauses_while_waiting: true },
  )
  await build(db, ...beforeCycles, factCaseCycle)
  await changesOnlyWhatIsSaid(
    database,
    factCaseEvent,
    factCaseCycle,
    factCase,
    factOpenItemSnapshot,
  )
})

test('another value in a column of a contact changes only what is said to come from it', async ({
  db,
  database,
}) => {
  const contacts = [
    contact('1'),
    contact('2', { offered_at: '2026-10-16T10:00:00Z' }),
    contact('3', { customer_id: 'U2', answered_at: null }),
  ]
  await landContacts(db, contacts, [pool(5000)])
  await changesOnlyWhatIsSaid(database, factContact)
})

/**
 * Changes every column that is read and decides nothing about the rows, one at a time. A column that
 * is handed on must change what it is handed to; what is not said to come from it must stay.
 */
async function changesOnlyWhatIsSaid(
  { pool: sessions }: TestDatabase,
  ...models: readonly Model[]
) {
  const client = await sessions.connect()
  try {
    for (const model of models) {
      const { columns, conditions } = columnsOf(model)
      const before = await valuesOf(client, model)
      const from = columns.flatMap((column) => column.from.map((each) => each.column))
      for (const source of new Set(from.filter((each) => !conditions.includes(each)))) {
        const changed = await changedBy(client, model, source, before)
        if (!changed) continue
        const said = columns.filter((column) => column.from.some((each) => each.column === source))
        const handedOn = said.filter(({ from: all, name }) =>
          all.some(
            ({ column, how }) =>
              column === source && how === 'direct' && /[^,]/.test(before[name]!),
          ),
        )
        const note = `${model.name} by ${source}`
        expect(
          said.map(({ name }) => name),
          note,
        ).toEqual(expect.arrayContaining(changed))
        expect(changed, note).toEqual(expect.arrayContaining(handedOn.map(({ name }) => name)))
      }
    }
  } finally {
    client.release()
  }
}

type Values = Record<string, string>

/** The columns of a model whose values are others once a column it reads holds others. */
async function changedBy(client: pg.PoolClient, model: Model, source: string, before: Values) {
  const [schema, table, column] = source.split('.') as [string, string, string]
  const { rows } = await client.query<{ type: string }>(
    'select data_type as type from information_schema.columns where (table_schema, table_name, column_name) = ($1, $2, $3)',
    [schema, table, column],
  )
  await client.query('begin')
  try {
    const { rowCount } = await client.query(
      `update ${schema}.${table} set ${column} = ${another(column, rows[0]!.type)} where ${column} is not null`,
    )
    if (rowCount === 0) return undefined
    const after = await valuesOf(client, model)
    return Object.keys(before).filter((name) => before[name] !== after[name])
  } finally {
    await client.query('rollback')
  }
}

/** Another value than a column holds, which it may hold too. */
function another(column: string, type: string): string {
  if (column === 'zone') return `'Pacific/Auckland'`
  if (type === 'boolean') return `not ${column}`
  if (type === 'date') return `${column} + 40`
  if (type === 'text') return `${column} || 'x'`
  return type.startsWith('timestamp') ? `${column} + interval '40 days'` : `${column} + 3`
}

/** A model's values, column by column, in an order of their own. */
async function valuesOf(client: pg.PoolClient, model: Model): Promise<Values> {
  const { sql, parameters } = model.query(compileOnly, whole).compile()
  const names = Object.keys(model.contract.shape)
  const lists = names.map(
    (name) => `string_agg(${name}::text, ',' order by ${name}::text) as ${name}`,
  )
  const { rows } = await client.query<Record<string, string | null>>(
    `select ${lists.join(', ')} from (${sql}) as model`,
    [...parameters],
  )
  return Object.fromEntries(names.map((name) => [name, rows[0]?.[name] ?? '']))
}
