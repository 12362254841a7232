import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import { homeOf } from '../home.ts'
import { ensureCluster, type Cluster } from './cluster.ts'
import { interruption } from './interruption.ts'
import { locks } from './locks.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'
import { ensureRunning, type Running } from './start.ts'

/** A reachable warehouse database. */
export interface Warehouse extends AsyncDisposable {
  url: string
  /** Whether this call started the server. */
  started: boolean
  /** Lets go of the server; whoever lets go last stops it. Never stops a `DATABASE_URL`. */
  close: () => Promise<void>
}

const database = 'recoup'
const oldestServer = 15

/** Opens the warehouse: `DATABASE_URL`, else the home's embedded Postgres, started if need be. */
export async function openWarehouse(
  env: NodeJS.ProcessEnv = process.env,
  settings: Readonly<Record<string, string>> = {},
): Promise<Warehouse> {
  if (env.DATABASE_URL) return openOwnServer(env.DATABASE_URL)

  const cluster = ensureCluster(homeOf(env))
  const { running, hold } = await takeHold(cluster, portOf(env), settings)
  await ensureDatabase(hold)
  const close = once(() => letGo(cluster, running, hold))
  return {
    url: urlOf(cluster, running.port, database),
    started: running.started,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Runs work on the warehouse and closes it after; Ctrl-C aborts the signal, so work can end well. */
export async function withWarehouse<Result>(
  work: (warehouse: Warehouse, signal: AbortSignal) => Promise<Result>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Result> {
  using interrupted = interruption()
  await using warehouse = await openWarehouse(env)
  return await work(warehouse, interrupted.signal)
}

async function openOwnServer(url: string): Promise<Warehouse> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    const version = Math.floor((rows[0]?.version ?? 0) / 10_000)
    if (version < oldestServer)
      throw new Error(`it runs PostgreSQL ${version}, and Recoup needs ${oldestServer} or later`)
  } catch (cause) {
    throw new Error(
      `DATABASE_URL (${withoutPassword(url)}) cannot be used: ${reason(cause)}. ` +
        'Correct it, or unset it and Recoup starts a Postgres of its own.',
      { cause },
    )
  } finally {
    await client.end()
  }
  return { url, started: false, close: async () => {}, async [Symbol.asyncDispose]() {} }
}

/**
 * Every process that uses the embedded server holds a shared advisory lock in a session of its own
 * for as long as it does. Postgres drops the lock when the process ends, however it ends, so the
 * last one out is known without pid files: it is the one that gets the lock for itself alone.
 */
async function takeHold(
  cluster: Cluster,
  port: number | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<{ running: Running; hold: pg.Client }> {
  for (let attempt = 1; ; attempt++) {
    const running = await ensureRunning(cluster, port, settings)
    const hold = new pg.Client({
      connectionString: urlOf(cluster, running.port, 'postgres'),
      application_name: 'recoup: in use',
    })
    // Ends with the server; the next query elsewhere says so.
    hold.on('error', () => {})
    try {
      await hold.connect()
      await hold.query('select pg_advisory_lock_shared($1)', [locks.server])
      return { running, hold }
    } catch (error) {
      await hold.end().catch(() => {})
      if (attempt === 100 || !isStopping(error)) throw error
      await sleep(50)
    }
  }
}

async function letGo(cluster: Cluster, running: Running, hold: pg.Client) {
  const alone = await hold
    .query('select pg_advisory_unlock_shared($1)', [locks.server])
    .then(() => hold.query('select pg_try_advisory_lock($1) as alone', [locks.server]))
    .then(({ rows }) => Boolean(rows[0]?.alone))
    .catch(() => false)
  if (alone && findPostmaster(cluster.data)?.pid === running.pid)
    await stopPostmaster(cluster.data, running.pid)
  await hold.end().catch(() => {})
}

/** The server that was found is being stopped by the last process that used it. */
function isStopping(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string }
  const codes = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']
  return codes.includes(code ?? '') || message.includes('Connection terminated')
}

async function ensureDatabase(client: pg.Client) {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
  if (rowCount) return
  await client.query(`create database ${database}`).catch((error: { code?: string }) => {
    const madeMeanwhile = ['42P04', '23505'].includes(error.code ?? '')
    if (!madeMeanwhile) throw error
  })
}

function portOf(env: NodeJS.ProcessEnv): number | undefined {
  if (!env.RECOUP_PG_PORT) return undefined
  const port = Number(env.RECOUP_PG_PORT)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`RECOUP_PG_PORT is "${env.RECOUP_PG_PORT}"; it must be a port from 1 to 65535.`)
}

function urlOf(cluster: Cluster, port: number, name: string): string {
  return `postgres://${cluster.user}:${cluster.password}@127.0.0.1:${port}/${name}`
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ':***@')
}

function reason(error: unknown): string {
  const { message, code } = error as { message: string; code?: string }
  return message || code || String(error)
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined
  return () => (done ??= work())
}
