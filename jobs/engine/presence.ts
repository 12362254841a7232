import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, type RawBuilder, sql } from 'kysely'
import pg from 'pg'

import type { AnyDatabase } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

const channel = 'recoup_engine'

/**
 * Settings of a worker's sessions, so that Postgres ends them soon after the worker's end: also in
 * the middle of a long query, which would go on to its own end, and also when the whole machine is
 * gone and nothing closes the connection.
 */
export const endWithTheProcess = [
  'client_connection_check_interval=1s',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

/**
 * A worker's sign of life: a session that holds an advisory lock on the worker's number. Postgres
 * drops the lock when the process ends, however it ends; no clock and no heartbeat is involved.
 */
export interface Presence {
  /** The worker's number; undefined while it has no session. A new session brings a new number. */
  readonly worker: number | undefined
  /** Notes that it was there just now, for people who look at the list of workers. */
  beSeen: (db: Kysely<AnyDatabase>) => Promise<void>
  close: () => Promise<void>
}

/** Whether the worker of a number is alive, as a condition: `isPresent(sql.ref('step.worker'))`. */
export const isPresent = (worker: RawBuilder<unknown>) => sql<boolean>`exists (
  select from pg_locks
  where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid = ${locks.presence}::int8::oid and objid = ${worker}::int8::oid and objsubid = 2
)`

/** What a worker does about its presence. */
export interface PresenceEvents {
  /** Someone called, or could not for a while: there may be work, or work to drop. */
  onCall: () => void
  /** The session was lost, so others may take over what this worker runs. */
  onLost: () => void
}

/** What a worker says of itself. */
interface Self {
  concurrency: number
  pools: readonly string[]
}

/** Takes up a worker's presence, and again whenever its session is lost. */
export async function bePresent(
  url: string,
  self: Self,
  events: PresenceEvents,
): Promise<Presence> {
  let session: { client: pg.Client; worker: number } | undefined
  let closed = false

  const enter = async () => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'recoup worker',
      keepAlive: true,
      options: endWithTheProcess,
    })
    const lost = () => {
      if (session?.client !== client) return
      session = undefined
      if (closed) return
      events.onLost()
      void comeBack()
    }
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', events.onCall)
    try {
      await client.connect()
      const worker = await takeNumber(client, self)
      if (closed) throw new Error('The worker closed meanwhile.')
      session = { client, worker }
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
  }
  const comeBack = async () => {
    try {
      await enter()
      events.onCall()
    } catch {
      await sleep(500)
      if (!closed) await comeBack()
    }
  }

  await enter()
  return {
    get worker() {
      return session?.worker
    },
    async beSeen(db) {
      if (!session) return
      await sql`
        update engine.worker set seen_at = clock_timestamp() where id = ${session.worker}`.execute(
        db,
      )
    },
    async close() {
      closed = true
      const { client, worker } = session ?? {}
      session = undefined
      await client?.query('delete from engine.worker where id = $1', [worker]).catch(() => {})
      await client?.end()
    },
  }
}

/** Tells every worker, when the transaction commits, to look at the tables. */
export async function wakeWorkers(db: Kysely<AnyDatabase>): Promise<void> {
  await sql`select pg_notify(${channel}, '')`.execute(db)
}

async function takeNumber(client: pg.Client, { concurrency, pools }: Self): Promise<number> {
  const { rows } = await client.query<{ worker: number }>(
    `select nextval('engine.worker_id')::int4 as worker`,
  )
  const { worker } = rows[0]!
  await client.query('select pg_advisory_lock($1, $2)', [locks.presence, worker])
  await client.query(`listen ${channel}`)
  await client.query(
    `insert into engine.worker (id, host, pid, concurrency, pools) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set host = excluded.host, pid = excluded.pid,
       concurrency = excluded.concurrency, pools = excluded.pools,
       started_at = excluded.started_at, seen_at = excluded.seen_at`,
    [worker, hostname(), process.pid, concurrency, pools],
  )
  return worker
}
