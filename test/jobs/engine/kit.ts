import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import * as z from 'zod'

import { count } from '#kit/columns.ts'
import {
  type AnyDatabase,
  type Asset,
  type Check,
  model,
  type Readable,
  type Retry,
  type Source,
  source,
} from '#kit/asset.ts'
import { bringUpToDate, type RunStatus } from '#jobs/engine/watch.ts'
import type { FetchContext, Intake } from '#jobs/engine/intake.ts'
import { startWorker, type WorkerOptions } from '#jobs/engine/worker.ts'

import { redisIsInstalled, startRedis, type TestRedis } from './redis.ts'

/** Every table of these tests is a list of numbers. */
const contract = z.object({ n: count() })
type Numbers<Name extends string> = Readable<Name, typeof contract>

interface Options {
  checks?: readonly Check<AnyDatabase>[]
  retry?: Retry
}

export function numbers<const Name extends `raw.${string}`>(name: Name, options: Options = {}) {
  const description = 'Numbers from outside.'
  return source({ name, description, contract, grain: ['n'], example: { n: '1' }, ...options })
}

/** A model that adds `plus` to each number of what it reads. */
export function shifted<const Name extends `mart.${string}`>(
  name: Name,
  reads: readonly Numbers<string>[],
  { plus = '1', ...options }: Options & { plus?: string } = {},
) {
  return model({
    name,
    description: 'Numbers, shifted.',
    contract,
    grain: ['n'],
    reads,
    query: (db: Kysely<AnyDatabase>) =>
      reads
        .map(({ name: table }) =>
          db.selectFrom(table).select(sql<number>`n + ${sql.raw(plus)}`.as('n')),
        )
        .reduce((all, next) => all.union(next)),
    ...options,
  })
}

export function below(
  limit: number,
  table: string,
  severity: Check<AnyDatabase>['severity'],
): Check<AnyDatabase> {
  return {
    name: `every number is below ${limit}`,
    severity,
    because: 'larger ones do not fit',
    broken: (db) => db.selectFrom(table).select('n').where('n', '>=', limit).orderBy('n'),
  }
}

/** Makes the tables; a real one comes from a migration. */
export async function createTables(db: Kysely<AnyDatabase>, assets: readonly Asset[]) {
  for (const { name } of assets) await sql`create table ${sql.table(name)} (n int)`.execute(db)
}

export async function numbersIn(db: Kysely<AnyDatabase>, table: string): Promise<number[]> {
  const rows = await db.selectFrom(table).select('n').orderBy('n').execute()
  return rows.map(({ n }: { n: number }) => n)
}

/** Whether a model's query is at work on the server right now. */
export async function isBuilding(db: Kysely<AnyDatabase>, table: string): Promise<boolean> {
  const insert = sql.table(table)
  const { rows } = await sql`
    select from pg_stat_activity
    where datname = current_database() and state = 'active'
      and ltrim(query, E' \\n') like ${`${sql`insert into ${insert}`.compile(db).sql}%`}`.execute(
    db,
  )
  return rows.length > 0
}

/** What waits outside, by source; a load appends it, so that a load done twice would show. */
export class Outside implements Intake {
  waiting = new Map<string, number[]>()
  /** Runs during each load, before its end. */
  during:
    | ((tx: Kysely<AnyDatabase>, asset: Source, context: FetchContext) => Promise<void>)
    | undefined

  put(name: string, ...values: number[]) {
    this.waiting.set(name, values)
  }

  hasNews = async ({ name }: { name: string }) => this.waiting.has(name)

  fetch = async (_source: Source, context: FetchContext) => context

  publish: Intake['publish'] = async (tx, asset, context: FetchContext) => {
    const values = this.waiting.get(asset.name) ?? []
    await sql`
      insert into ${sql.table(asset.name)} select unnest(${values}::int[])`.execute(tx)
    await this.during?.(tx, asset, context)
    this.waiting.delete(asset.name)
    return { rows: values.length, changed: values.length > 0, metadata: { values } }
  }
}

/** Runs what is stale with a worker of its own; the result is each asset's state. */
export async function settle(
  database: { db: Kysely<AnyDatabase>; url: string },
  assets: readonly Asset[],
  outside: Outside,
  options: Partial<WorkerOptions> = {},
): Promise<RunStatus | null> {
  const { db, url } = database
  await using _worker = await startWorker({ url, assets, intake: outside, ...options })
  return await bringUpToDate(db, { assets, hasNews: outside.hasNews }, { everyMs: 20 })
}

export function statesOf(run: RunStatus | null): Record<string, string> | null {
  return run && Object.fromEntries(run.steps.map(({ asset, state }) => [asset, state]))
}

/** Says the same of BullMQ on Postgres and of BullMQ on Redis. */
export function onBothQueues(facts: (redisUrl: () => string | undefined) => void) {
  describe('on Postgres', () => {
    facts(() => undefined)
  })

  if (!redisIsInstalled)
    console.log('No redis-server here, so only Postgres is tested: apt-get install redis-server')
  describe.skipIf(!redisIsInstalled)('on Redis', () => {
    let redis: TestRedis | undefined
    beforeAll(async () => {
      redis = await startRedis()
    })
    afterAll(async () => {
      await redis?.close()
    })
    facts(() => redis?.url)
  })
}
