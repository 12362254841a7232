import { join, resolve } from 'node:path'

/** Where one Recoup keeps its state; everything in it may be deleted while Recoup is down. */
export interface Home {
  folder: string
  /** The embedded Postgres: its data directory and its generated password. */
  postgres: string
  postgresLog: string
  /** Feed files wait here to be ingested. */
  inbox: string
  /** What is known of the keys in the feeds' tables, one file a feed: a load is faster for it. */
  keys: string
  /** Written while Recoup is up: the addresses it answers on, as JSON. */
  runtime: string
}

/** The state folder: `RECOUP_HOME`, else `.recoup/` beside package.json. */
export function homeOf(env: NodeJS.ProcessEnv = process.env): Home {
  const folder = resolve(env.RECOUP_HOME || join(import.meta.dirname, '..', '.recoup'))
  return {
    folder,
    postgres: join(folder, 'postgres'),
    postgresLog: join(folder, 'postgres.log'),
    inbox: join(folder, 'inbox'),
    keys: join(folder, 'keys'),
    runtime: join(folder, 'runtime.json'),
  }
}
