import { randomUUID } from 'node:crypto'

import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { AlertRow } from './alert.ts'
import type { ChannelName } from './names.ts'
import type { Notice } from './notice.ts'

/** For how long a notice is tried. */
const hours = 24

/** Puts a notice of an alert on its way through each channel, once the transaction commits. */
export async function enqueue(
  tx: Kysely<AnyDatabase>,
  kind: Notice['kind'],
  alert: AlertRow,
  { to, dueAt = null }: { to: readonly ChannelName[]; dueAt?: string | null },
): Promise<void> {
  if (to.length === 0) return
  const { id, key, severity, title, body, about, raised_at: since, times, note } = alert
  const at = alert.resolved_at ?? alert.last_seen_at
  const notice: Notice = { kind, key, severity, title, body, about, since, at, times, note }
  await sql`
    insert into engine.outbox (notice, alert, key, channel, content, due_at, expires_at)
    select ${randomUUID()}, ${id}, ${key}, channel, ${JSON.stringify(notice)}::jsonb, due_at,
      due_at + ${hours} * interval '1 hour'
    from unnest(${[...to]}::text[]) as channel,
      (select coalesce(${dueAt}::timestamptz, clock_timestamp()) as due_at) as time`.execute(tx)
}

/** Takes back the notice that an alert is over; false if it is too late and someone may have heard. */
export async function takeBackRecovery(tx: Kysely<AnyDatabase>, alert: number): Promise<boolean> {
  // A notice that is being taken by a deliverer at this moment is waited for, and then not deleted.
  await sql`
    delete from engine.outbox
    where alert = ${alert} and content->>'kind' = 'recovered' and state = 'waiting' and tries = 0
      and due_at > clock_timestamp()`.execute(tx)
  const { rows } = await sql<{ early: boolean }>`
    select calm_at > clock_timestamp() and not exists (
      select from engine.outbox where alert = ${alert} and content->>'kind' = 'recovered'
    ) as early
    from engine.alert where id = ${alert}`.execute(tx)
  return rows[0]?.early ?? false
}
