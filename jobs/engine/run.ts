import { type Kysely, sql, type Transaction } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import { inOrder, readsOf, withDownstream } from './graph.ts'
import { wakeWorkers } from './presence.ts'
import { lockRun } from './settle.ts'
import { type HasNews, stale } from './stale.ts'

/** A run that is under way. */
export interface StartedRun {
  id: number
  /** It was under way already, perhaps since before a crash: what is stale may go beyond it. */
  resumed: boolean
}

/** What a run is planned from. */
export interface PlanOptions {
  assets: readonly Asset[]
  hasNews: HasNews
}

/**
 * Plans a run of every stale asset and all that derives from them; null if nothing is stale. One run
 * is under way at a time: if there is one, it is the answer. Workers pick it up by themselves.
 */
export async function startRun(
  db: Kysely<AnyDatabase>,
  { assets, hasNews }: PlanOptions,
): Promise<StartedRun | null> {
  const ordered = inOrder(assets)
  return await db.transaction().execute(async (tx) => {
    await onePlanAtATime(tx)
    const open = await openRun(tx)
    if (open) return { id: open, resumed: true }

    const reasons = await stale(tx, ordered, hasNews)
    if (reasons.size === 0) return null
    const id = await plan(tx, withDownstream(ordered, reasons.keys()), reasons)
    await wakeWorkers(tx)
    return { id, resumed: false }
  })
}

/** Ends a run before its time: what is loading is rolled back, what is loaded stays. */
export async function cancelRun(db: Kysely<AnyDatabase>, run: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockRun(tx, run)
    await sql`
      update engine.run set state = 'cancelled', finished_at = clock_timestamp()
      where id = ${run} and state = 'running'`.execute(tx)
    await sql`
      update engine.step set state = 'cancelled', finished_at = clock_timestamp()
      where run = ${run} and state in ('blocked', 'ready', 'running')`.execute(tx)
    await wakeWorkers(tx)
  })
}

async function onePlanAtATime(tx: Transaction<AnyDatabase>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${planLock}, 0)`.execute(tx)
}

const planLock = 7_326_874

async function openRun(tx: Transaction<AnyDatabase>): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from engine.run where state = 'running' order by id limit 1`.execute(tx)
  return rows[0]?.id
}

async function plan(
  tx: Transaction<AnyDatabase>,
  planned: readonly Asset[],
  reasons: ReadonlyMap<string, string>,
): Promise<number> {
  const names = planned.map(({ name }) => name)
  const edges = planned.flatMap((asset) =>
    readsOf(asset)
      .filter((up) => names.includes(up))
      .map((up) => ({ up, down: asset.name })),
  )
  const pending = names.map((name) => edges.filter(({ down }) => down === name).length)

  const { rows } = await sql<{ id: number }>`
    insert into engine.run default values returning id`.execute(tx)
  const run = rows[0]!.id
  await sql`
    insert into engine.step (run, asset, reason, pending, state, ready_at)
    select ${run}, asset, reason, pending, case pending when 0 then 'ready' else 'blocked' end,
           case pending when 0 then clock_timestamp() end
    from unnest(
      ${names}::text[], ${names.map((name) => reasons.get(name) ?? null)}::text[], ${pending}::int4[]
    ) with ordinality as planned (asset, reason, pending, place)
    order by place`.execute(tx)
  await sql`
    insert into engine.edge (up, down)
    select up.id, down.id
    from unnest(
      ${edges.map(({ up }) => up)}::text[], ${edges.map(({ down }) => down)}::text[]
    ) as edge (up, down)
    join engine.step as up on up.run = ${run} and up.asset = edge.up
    join engine.step as down on down.run = ${run} and down.asset = edge.down`.execute(tx)
  return run
}
