import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { cleanLine, cleanText } from './clean.ts'
import { type ChannelName, channelNames } from './names.ts'
import type { About, Severity } from './notice.ts'
import { enqueue, takeBackRecovery } from './outbox.ts'

/** Something that went wrong. */
export interface Alert {
  /** Names what is wrong, not this time that it is: 'run failed: mart.fact_fee'. */
  key: string
  severity: Severity
  title: string
  body: string
  about?: About
}

/** How long a thing must be gone before people are told that it is over, and at most. */
const calm = { minutes: 5, atMostMinutes: 240 }

/**
 * Records in the caller's transaction that something is wrong. People are told when it is new, or
 * when what was a warning is an error now; otherwise it is counted. Never waits for a network.
 */
export async function raiseAlert(
  tx: Kysely<AnyDatabase>,
  { key, severity, title, body, about = {} }: Alert,
  to: readonly ChannelName[] = channelNames(),
): Promise<void> {
  const alert: Required<Alert> = {
    key: cleanLine(key, 500),
    severity,
    title: cleanLine(title, 200),
    body: cleanText(body, 2_000),
    about: cleanAbout(about),
  }
  await lockKey(tx, alert.key)
  const earlier = await newestOf(tx, alert.key)
  if (earlier && (earlier.open || (await takeBackRecovery(tx, earlier.id)))) {
    const row = await countUp(tx, earlier, alert)
    if (alert.severity === 'error' && earlier.severity === 'warning')
      await enqueue(tx, 'worsened', row, { to })
  } else {
    const relapses = earlier?.recent ? earlier.relapses + 1 : 0
    await enqueue(tx, 'raised', await open(tx, alert, relapses), { to })
  }
}

/**
 * Records in the caller's transaction that what was wrong is right again. People are told once it has
 * stayed so for a while: what comes back before was never over. Nothing open: nothing happens.
 */
export async function resolveAlert(
  tx: Kysely<AnyDatabase>,
  key: string,
  { note }: { note?: string } = {},
  to: readonly ChannelName[] = channelNames(),
): Promise<void> {
  const name = cleanLine(key, 500)
  // Nearly always there is none, and a step that succeeds shall not wait for a lock to hear so.
  if (!(await newestOf(tx, name))?.open) return
  await lockKey(tx, name)
  const { rows } = await sql<AlertRow>`
    update engine.alert
    set resolved_at = clock_timestamp(), note = ${note ? cleanText(note, 500) : null},
        calm_at = clock_timestamp() + interval '1 minute' *
          least(${calm.minutes}::int4 * 2 ^ least(relapses, 10), ${calm.atMostMinutes}::int4)
    where key = ${name} and resolved_at is null
    returning *`.execute(tx)
  const [row] = rows
  if (row) await enqueue(tx, 'recovered', row, { to, dueAt: row.calm_at })
}

/** A row of engine.alert. */
export interface AlertRow extends Required<Alert> {
  id: number
  times: number
  relapses: number
  raised_at: string
  last_seen_at: string
  resolved_at: string | null
  calm_at: string | null
  note: string | null
}

type Earlier = Pick<AlertRow, 'id' | 'severity' | 'relapses'> & { open: boolean; recent: boolean }

/** Alerts of one key are raised and resolved one after the other. */
async function lockKey(tx: Kysely<AnyDatabase>, key: string) {
  await sql`select pg_advisory_xact_lock(${locks.alert}, hashtext(${key}))`.execute(tx)
}

async function newestOf(tx: Kysely<AnyDatabase>, key: string): Promise<Earlier | undefined> {
  const { rows } = await sql<Earlier>`
    select id, severity, relapses, resolved_at is null as open,
      resolved_at > clock_timestamp() - ${calm.atMostMinutes} * interval '1 minute' as recent
    from engine.alert where key = ${key} order by id desc limit 1`.execute(tx)
  return rows[0]
}

async function open(tx: Kysely<AnyDatabase>, alert: Required<Alert>, relapses: number) {
  const { key, severity, title, body, about } = alert
  const { rows } = await sql<AlertRow>`
    insert into engine.alert (key, severity, title, body, about, relapses)
    values (${key}, ${severity}, ${title}, ${body}, ${JSON.stringify(about)}, ${relapses})
    returning *`.execute(tx)
  return rows[0]!
}

/** Its words become the newest ones; an error stays an error until it is over. */
async function countUp(tx: Kysely<AnyDatabase>, earlier: Earlier, alert: Required<Alert>) {
  const { severity, title, body, about } = alert
  const { rows } = await sql<AlertRow>`
    update engine.alert
    set times = times + 1, last_seen_at = clock_timestamp(),
        relapses = relapses + (resolved_at is not null)::int4,
        resolved_at = null, calm_at = null, note = null,
        severity = case when severity = 'error' then severity else ${severity} end,
        title = ${title}, body = ${body}, about = ${JSON.stringify(about)}
    where id = ${earlier.id} returning *`.execute(tx)
  return rows[0]!
}

function cleanAbout(about: About): About {
  const parts = Object.entries(about).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(
    parts.map(([name, value]) => [
      name,
      typeof value === 'string' ? cleanLine(value, 200) : (value as number),
    ]),
  )
}
