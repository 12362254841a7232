import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'

import { connect } from '#jobs/postgres/pool.ts'
import { openWarehouse } from '#jobs/postgres/warehouse.ts'

const cli = join(import.meta.dirname, '../../jobs/cli.ts')

/** How a command ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A command that runs as a user's would: a process of its own on a state folder of its own. */
export interface Command {
  process: ChildProcess
  /** Resolves when the text has been printed. */
  printed: (text: string | RegExp) => Promise<void>
  ended: Promise<Ended>
}

/** Starts `recoup ...` on a state folder. */
export function start(home: string, ...args: string[]): Command {
  return startWith({ home }, ...args)
}

/** Where a command runs, and what it reads from standard input. */
interface Surroundings {
  home: string
  input?: string | Buffer
}

function startWith({ home, input }: Surroundings, ...args: string[]): Command {
  const { DATABASE_URL: _, REDIS_URL: __, NODE_OPTIONS: ___, ...env } = process.env
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...env, RECOUP_HOME: home, NO_COLOR: '1', NODE_NO_WARNINGS: '1' },
    stdio: 'pipe',
  })
  child.stdin.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }))
  const has = (text: string | RegExp) =>
    typeof text === 'string' ? stdout.includes(text) : text.test(stdout)
  return {
    process: child,
    ended,
    async printed(text) {
      while (!has(text)) {
        const next = once(child.stdout, 'data').then(() => 'data')
        if ((await Promise.race([next, ended])) === 'data' || has(text)) continue
        throw new Error(`It ended without printing ${String(text)}:\n${stdout}\n${stderr}`)
      }
    },
  }
}

/** Runs `recoup ...` to its end. */
export function run(home: string, ...args: string[]): Promise<Ended> {
  return start(home, ...args).ended
}

/** The same with standard input. */
export function runWith(surroundings: Surroundings, ...args: string[]): Promise<Ended> {
  return startWith(surroundings, ...args).ended
}

/** A state folder for a few tests. */
export function makeHome(): { home: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'recoup-journey-'))
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

/** A fingerprint of every table of the warehouse that derives from the feeds, whatever its order. */
export async function fingerprints(home: string): Promise<Record<string, string>> {
  await using warehouse = await openWarehouse({ RECOUP_HOME: home })
  await using connection = connect(warehouse.url)
  const { db } = connection
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'mart' order by 1`.execute(db)
  const found: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ print: string }>`
      select count(*) || ' rows ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as print
      from ${sql.table(`mart.${name}`)} as t`.execute(db)
    found[name] = rows[0]?.print ?? ''
  }
  return found
}
