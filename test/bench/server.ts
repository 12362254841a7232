/** A Postgres of the measurement's own, and the databases each case starts from. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'

import { primaryKey, columns, createTableSql } from '#kit/table.ts'
import type { Source } from '#kit/asset.ts'
import { homeOf } from '#jobs/home.ts'
import { migrate } from '#jobs/postgres/migrate.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { findPostmaster } from '#jobs/postgres/postmaster.ts'
import { openWarehouse, type Warehouse } from '#jobs/postgres/warehouse.ts'

/** The table a bare COPY fills: the contract's columns and its key, and nothing else. */
export const bareTable = 'raw.bare'

/** A server in a temp folder that is gone after `close`. */
export interface BenchServer extends AsyncDisposable {
  folder: string
  /** Process of the server now. */
  pid: () => number
  urlOf: (database: string) => string
  /** A migrated database. */
  makeDatabase: (name: string) => Promise<string>
  /** The same with an empty table of the feed, and an empty bare one. */
  makeTemplate: (name: string, source: Source) => Promise<string>
  /** Another database with the same content, instead of one that had the name. */
  clone: (template: string, name: string) => Promise<string>
  drop: (name: string) => Promise<void>
  /** Waits for the sessions of ended processes to end too. */
  quiet: () => Promise<void>
  /** The same, and what is dirty is written out, so that one case does not pay for another. */
  settle: () => Promise<void>
  /** The server is stopped without any tidying up, and started again at the same address. */
  crash: () => Promise<void>
}

/** Starts one; `given` settings are added to those of the product's own server. */
export async function startServer(given: Record<string, string> = {}): Promise<BenchServer> {
  // Autovacuum would run in some cases and not in others.
  const settings = { autovacuum: 'off', ...given }
  const folder = mkdtempSync(join(tmpdir(), 'recoup-bench-'))
  const env = { RECOUP_HOME: folder }
  const data = join(homeOf(env).postgres, 'data')
  let warehouse: Warehouse = await openWarehouse(env, settings)

  const urlOf = (database: string) => {
    const url = new URL(warehouse.url)
    url.pathname = database
    return url.href
  }
  const administer = async (...statements: string[]) => {
    await withClient(urlOf('postgres'), async (client) => {
      for (const statement of statements) await client.query(statement)
    })
  }
  const pid = () => {
    const server = findPostmaster(data)
    if (!server) throw new Error(`Postgres has ended; its log was ${homeOf(env).postgresLog}.`)
    return server.pid
  }

  const makeDatabase = async (name: string) => {
    await administer(`create database ${name}`)
    await using connection = connect(urlOf(name))
    await migrate(connection.db)
    return urlOf(name)
  }

  return {
    folder,
    pid,
    urlOf,
    makeDatabase,
    async makeTemplate(name, source) {
      await using connection = connect(await makeDatabase(name))
      const { rows } = await connection.pool.query<{ exists: boolean }>(
        'select to_regclass($1) is not null as exists',
        [source.name],
      )
      if (!rows[0]?.exists) await connection.pool.query(createTableSql(source))
      await connection.pool.query(bareTableSql(source))
      return urlOf(name)
    },
    async clone(template, name) {
      await administer(
        `drop database if exists ${name} with (force)`,
        `create database ${name} template ${template} strategy file_copy`,
      )
      return urlOf(name)
    },
    drop: (name) => administer(`drop database ${name} with (force)`),
    quiet: () => administer(waitForOthers),
    settle: () => administer(waitForOthers, 'checkpoint'),
    async crash() {
      const was = pid()
      process.kill(was, 'SIGQUIT')
      while (isAlive(was)) await new Promise((resolve) => setTimeout(resolve, 10))
      const { port } = new URL(warehouse.url)
      await warehouse.close()
      warehouse = await openWarehouse({ ...env, RECOUP_PG_PORT: port }, settings)
    },
    async [Symbol.asyncDispose]() {
      await warehouse.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A session's CPU time counts as the server's only once the session has ended. */
const waitForOthers = `do $$ begin
  for attempt in 1..500 loop
    exit when not exists (
      select from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and datname <> 'postgres'
    );
    perform pg_sleep(0.01);
    perform pg_stat_clear_snapshot();
  end loop;
end $$`

function bareTableSql(source: Source): string {
  const lines = columns(source).map(
    ({ name, type, nullable }) => `"${name}" ${type}${nullable ? '' : ' not null'}`,
  )
  lines.push(`primary key (${primaryKey(source).join(', ')})`)
  return `create table ${bareTable} (${lines.join(', ')})`
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0)
    return true
  } catch {
    return false
  }
}

/** Runs work on a connection of its own. */
export async function withClient<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
