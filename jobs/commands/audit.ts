import type { AuditEntry } from '#cube/sql/audit.ts'

import { requireWarehouse } from '../kpis/with-cube.ts'
import { connect } from '../postgres/pool.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, faint, good, notable } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { table } from '../terminal/table.ts'
import { displayCount, displayInstant, displaySeconds, printable } from '../terminal/values.ts'

/** What was typed after `recoup audit`. */
export interface AuditOptions {
  user?: string
  since?: string
  outcome?: string
  limit: number
  format: Format
}

/** As it comes from the table. */
type Entry = Omit<AuditEntry, 'at'> & { at: string }

/** `recoup audit`: who asked what of the SQL endpoint, the newest first. */
export async function audit(options: AuditOptions) {
  const since = options.since === undefined ? null : hoursOf(options.since)
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using connection = connect(url, { max: 1 })
    const { rows } = await connection.pool.query<Entry>(
      `select at, "user", address, application, outcome, statement, views, code, rows, milliseconds
       from engine.sql_audit
       where ($1::text is null or "user" = $1) and ($2::text is null or outcome = $2)
         and ($3::float8 is null or at >= now() - $3 * interval '1 hour')
       order by at desc, id desc limit $4`,
      [options.user ?? null, options.outcome ?? null, since, options.limit],
    )
    if (options.format === 'json') return console.log(json(rows))
    console.log(rows.length > 0 ? auditTable(rows) : 'Nobody asked anything, as far as that goes.')
  })
}

const UNITS: Record<string, number> = { h: 1, d: 24, w: 168 }

/** `90d`, `12h`, `2w` in hours. */
function hoursOf(text: string): number {
  const [, count, unit = ''] = /^(\d+)([hdw])$/.exec(text) ?? []
  if (count === undefined)
    throw new UsageError(
      `--since is "${text}"; it is a number of hours, days or weeks: 12h, 1d, 2w.`,
    )
  return Number(count) * UNITS[unit]!
}

function auditTable(entries: readonly Entry[]): string {
  const right = (title: string) => ({ title, align: 'right' as const })
  return table(
    [
      { title: 'At' },
      { title: 'User' },
      { title: 'Outcome' },
      right('Rows'),
      right('Took'),
      { title: 'Statement', width: 70 },
    ],
    entries.map(
      ({ at, user, outcome, code, rows, milliseconds, statement, application, address }) => [
        displayInstant(at),
        user,
        outcomeWords(outcome, code),
        rows === null ? '' : displayCount(rows),
        milliseconds === null ? '' : took(milliseconds),
        statement === null
          ? faint(printable([address, application].filter(Boolean).join(', ')))
          : printable(statement.replaceAll(/\s+/g, ' ').slice(0, 200)),
      ],
    ),
  )
}

/** Most statements take milliseconds. */
function took(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : displaySeconds(milliseconds)
}

function outcomeWords(outcome: Entry['outcome'], code: string | null): string {
  const words = code ? `${outcome} ${code}` : outcome
  if (outcome === 'done' || outcome === 'connected') return good(words)
  return outcome === 'cancelled' ? notable(words) : bad(words)
}
