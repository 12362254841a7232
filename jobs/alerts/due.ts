import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { ChannelName } from './names.ts'
import type { Notice } from './notice.ts'

type Db = Kysely<AnyDatabase>

/** One row of engine.outbox that this process is about to send. */
export interface Due {
  id: number
  notice: string
  content: Notice
  /** This one included; nobody but the newest may write down how it ended. */
  tries: number
  expires_at: string
}

/** Well above what one try may take: after it, whoever took the notice is dead. */
const leaseSeconds = 60

/**
 * Takes the notice that has been due for longest. Nothing is locked while it is sent: it is merely
 * not due for a while. A later notice about the same thing waits for the earlier.
 */
export async function claimDue(db: Db, channel: ChannelName): Promise<Due | undefined> {
  const { rows } = await sql<Due>`
    update engine.outbox
    set tries = tries + 1, due_at = clock_timestamp() + ${leaseSeconds} * interval '1 second'
    where id = (
      select id from engine.outbox as due
      where channel = ${channel} and state = 'waiting' and due_at <= clock_timestamp()
        and not exists (
          select from engine.outbox as earlier
          where earlier.channel = ${channel} and earlier.state = 'waiting'
            and earlier.key = due.key and earlier.id < due.id
        )
      order by due_at, id limit 1 for update skip locked
    )
    returning id, notice, content, tries, expires_at`.execute(db)
  return rows[0]
}

export async function markSent(db: Db, { id, tries }: Due, remark: string | undefined) {
  await sql`
    update engine.outbox
    set state = 'sent', ended_at = clock_timestamp(), error = ${remark ?? null}
    where id = ${id} and tries = ${tries}`.execute(db)
}

export async function postpone(
  db: Db,
  { id, tries }: Due,
  { delayMs, error }: { delayMs: number; error: string },
) {
  await sql`
    update engine.outbox
    set due_at = clock_timestamp() + ${delayMs}::float8 * interval '1 millisecond', error = ${error}
    where id = ${id} and tries = ${tries}`.execute(db)
}

export async function giveUp(db: Db, { id, tries }: Due, error: string) {
  await sql`
    update engine.outbox
    set state = 'given up', ended_at = clock_timestamp(), error = ${error}
    where id = ${id} and tries = ${tries}`.execute(db)
}

/** For whoever comes next: this process stops, and whether the notice arrived is not known. */
export async function putBack(db: Db, { id, tries }: Due) {
  await sql`
    update engine.outbox set due_at = clock_timestamp()
    where id = ${id} and tries = ${tries} and state = 'waiting'`.execute(db)
}

/** Gives up what has waited too long for a channel that is switched off now. */
export async function giveUpUnknown(db: Db, known: readonly ChannelName[]): Promise<number> {
  const { rows } = await sql`
    update engine.outbox
    set state = 'given up', ended_at = clock_timestamp(),
        error = coalesce(error || ' ', '') || 'The channel is switched off.'
    where state = 'waiting' and expires_at < clock_timestamp() and channel <> all(${[...known]}::text[])
    returning id`.execute(db)
  return rows.length
}
