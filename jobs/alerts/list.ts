import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { AlertRow } from './alert.ts'

/** Something that is wrong, or that is gone and not yet for long enough to be told so. */
export type OpenAlert = Omit<AlertRow, 'relapses' | 'note'>

/** A notice that did not arrive through a channel, so far or for good. */
export interface Undelivered {
  notice: string
  channel: string
  title: string
  state: 'waiting' | 'given up'
  tries: number
  error: string | null
  /** Of one that waits: when it is tried next. */
  due_at: string
}

/** What is open, the newest first. */
export async function openAlerts(db: Kysely<AnyDatabase>): Promise<OpenAlert[]> {
  const { rows } = await sql<OpenAlert>`
    select id, key, severity, title, body, about, times, raised_at, last_seen_at, resolved_at, calm_at
    from engine.alert
    where resolved_at is null or calm_at > clock_timestamp()
    order by id desc`.execute(db)
  return rows
}

/** What people should have heard and have not, the newest first; a first try is not yet a failure. */
export async function undeliveredNotices(db: Kysely<AnyDatabase>): Promise<Undelivered[]> {
  const { rows } = await sql<Undelivered>`
    select notice, channel, content->>'title' as title, state, tries, error, due_at
    from engine.outbox
    where state = 'given up' or state = 'waiting' and due_at <= clock_timestamp()
      or state = 'waiting' and error is not null
    order by id desc`.execute(db)
  return rows
}
