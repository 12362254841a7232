/** One warehouse brought up to date and backfilled twice, under blows or in peace. */
import { setTimeout as sleep } from 'node:timers/promises'

import { createPostgresBackend, Queue } from 'bullmq'
import { type Kysely, sql } from 'kysely'

import { weekly } from '#kit/partitions/dimension.ts'
import { keysInRange } from '#kit/partitions/keys.ts'
import type { Random } from '#pipelines/demo/random.ts'
import { leadOf, type Unit, unitsOf } from '#jobs/engine/graph.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { planRest } from '#jobs/engine/resume.ts'
import { cancelRun, type PlanOptions, startRun } from '#jobs/engine/run.ts'
import type { RunState } from '#jobs/engine/states.ts'
import { homeOf } from '#jobs/home.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { createTables } from '#jobs/postgres/create-tables.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { assets } from '#jobs/worker.ts'

import type { BenchServer } from '../server.ts'
import { chaosAssets, extraTables } from './assets.ts'
import { type Crew, type Place, type Recovery, startCrew } from './crew.ts'
import { fingerprints, untruths } from './truths.ts'

/** kill: a worker gets -9. crash: Postgres is stopped at once and started again. obliterate: the queue is gone. */
export type Blow = 'kill' | 'crash' | 'obliterate'

/** What to do to whom. */
export interface Ordeal {
  server: BenchServer
  place: Place
  workers: number
  /** What is backfilled. */
  days: readonly string[]
  /** Struck one after the other; those of the first list while the feeds are loaded. */
  blows: { upkeep: readonly Blow[]; backfill: readonly Blow[] }
  random: Random
  say: (words: string) => void
}

/** How it went. */
export interface Outcome {
  wrong: string[]
  recoveries: Recovery[]
  blows: Blow[]
  steps: number
  /** A number for the rows of each table. */
  prints: Record<string, string>
}

const all = [...assets, ...chaosAssets]

export async function undergo(ordeal: Ordeal): Promise<Outcome> {
  const { place, days, random, say } = ordeal
  // What is asked for here must not be taken back by a crash: only the work may be.
  await using connection = connect(place.url, { max: 4, options: '-c synchronous_commit=on' })
  const { db } = connection
  await createTables(db, all)
  for (const statement of extraTables) await sql.raw(statement).execute(db)
  const bad = random.pick(days.slice(5, -5))
  await sql`insert into raw.chaos_bad values (${bad})`.execute(db)

  const outcome: Outcome = { wrong: [], recoveries: [], blows: [], steps: 0, prints: {} }
  await using crew = await startCrew(db, ordeal.workers, place)
  const fight = { ...ordeal, db, crew, outcome }

  const { hasNews } = inboxOf(homeOf({ RECOUP_HOME: place.folder }))
  const plan: PlanOptions = { assets: all, hasNews: (source) => hasNews(db, source) }
  const first = await startRun(db, plan)
  expectState(outcome, 'upkeep', await outlive(fight, first!.id, ordeal.blows.upkeep), 'done')

  const half = Math.ceil(ordeal.blows.backfill.length / 2)
  const failing = await backfill(db, days)
  const [before, after] = [ordeal.blows.backfill.slice(0, half), ordeal.blows.backfill.slice(half)]
  expectState(outcome, `backfill with ${bad} bad`, await outlive(fight, failing, before), 'failed')
  await expectFailedAt(db, outcome, failing, bad)
  await sql`delete from raw.chaos_bad`.execute(db)
  const mended = await rest(db, failing)
  expectState(outcome, 'its rest, mended', await outlive(fight, mended, []), 'done')

  const cancelled = await backfill(db, days)
  const cancelling = cancelAfter(db, cancelled, 0.3 + random.next() * 0.3)
  const [end] = await Promise.all([outlive(fight, cancelled, after), cancelling])
  expectState(outcome, 'cancelled backfill', end, 'cancelled')
  expectState(outcome, 'its rest', await outlive(fight, await rest(db, cancelled), []), 'done')

  let rounds = 2
  for (let left = unspent(ordeal, outcome); left.length > 0; left = unspent(ordeal, outcome)) {
    rounds++
    expectState(
      outcome,
      'one more backfill',
      await outlive(fight, await backfill(db, days), left),
      'done',
    )
  }

  // What came in between, if anything did.
  for (let run = await startRun(db, plan); run; run = await startRun(db, plan)) {
    say(`upkeep again: run ${run.id}`)
    expectState(outcome, 'last upkeep', await outlive(fight, run.id, []), 'done')
  }
  for (const words of crew.deserters) outcome.wrong.push(`a worker ended by itself: ${words}`)
  outcome.wrong.push(...(await untruths(db, { days, rounds })))
  outcome.prints = await fingerprints(db)
  const { rows } = await sql<{ steps: number }>`
    select count(*)::int4 as steps from engine.step where state = 'done'`.execute(db)
  outcome.steps = rows[0]!.steps
  return outcome
}

/** Blows that came too late for the run they were meant for. */
function unspent({ blows }: Ordeal, outcome: Outcome): Blow[] {
  const left = [...blows.upkeep, ...blows.backfill]
  for (const blow of outcome.blows) left.splice(left.indexOf(blow), 1)
  return left
}

interface Fight extends Ordeal {
  db: Kysely<unknown>
  crew: Crew
  outcome: Outcome
}

/** Waits for a run to end, and strikes meanwhile. */
async function outlive(fight: Fight, run: number, blows: readonly Blow[]): Promise<RunState> {
  const { db, random } = fight
  const ended = waitFor(db, run)
  const over = ended.then(() => 'over' as const)
  for (const blow of blows) {
    if ((await Promise.race([over, sleep(random.between(200, 1500))])) === 'over') break
    await strike(fight, blow)
  }
  return await ended
}

async function strike({ server, place, crew, outcome, random, say }: Fight, blow: Blow) {
  outcome.blows.push(blow)
  if (blow === 'kill') {
    const recovery = await crew.kill(random)
    outcome.recoveries.push(recovery)
    say(`kill -9 with ${recovery.steps} steps, taken again after ${recovery.seconds.toFixed(1)} s`)
  } else if (blow === 'crash') {
    await server.crash()
    say('Postgres stopped at once and started again')
  } else {
    await obliterate(place)
    say('the queue obliterated')
  }
}

async function obliterate({ url, redisUrl }: Place) {
  const queue = redisUrl
    ? new Queue('warehouse', {
        connection: { url: redisUrl },
        prefix: `recoup${new URL(url).pathname}`,
      })
    : new Queue(
        'warehouse',
        { connection: { connectionString: url, schema: 'bullmq', max: 2 } },
        createPostgresBackend,
      )
  queue.on('error', () => {})
  await queue.obliterate({ force: true })
  await queue.close()
}

/** Everything that is partitioned, for these days. */
async function backfill(db: Kysely<unknown>, days: readonly string[]): Promise<number> {
  const isPartitioned = (unit: Unit) =>
    leadOf(unit).partitionedBy !== null && leadOf(unit).kind !== 'source'
  const plan = await planRequest(
    db,
    { assets: all },
    {
      kind: 'backfill',
      request: { days: days.length },
      units: unitsOf(all).filter(isPartitioned),
      keysOf: (unit) => keysInRange(leadOf(unit).partitionedBy!, days[0]!, days.at(-1)!),
      atOnce: 50,
      priority: 10,
    },
  )
  return (await startPlan(db, plan))!
}

async function rest(db: Kysely<unknown>, run: number): Promise<number> {
  return (await startPlan(db, await planRest(db, all, run)))!
}

/** Cancels a run once such a part of it is done. */
async function cancelAfter(db: Kysely<unknown>, run: number, part: number) {
  for (;;) {
    const done = await patiently(async () => {
      const { rows } = await sql<{ part: number }>`
        select avg((state = 'done')::int)::float8 as part from engine.step where run = ${run}`.execute(
        db,
      )
      return rows[0]!.part
    })
    if (done >= part) break
    await sleep(50)
  }
  await patiently(() => cancelRun(db, run))
}

async function waitFor(db: Kysely<unknown>, run: number): Promise<RunState> {
  for (;;) {
    const state = await patiently(async () => {
      const { rows } = await sql<{ state: RunState }>`
        select state from engine.run where id = ${run}`.execute(db)
      return rows[0]!.state
    })
    if (state !== 'running') return state
    await sleep(100)
  }
}

/** Again and again, while Postgres is away. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries > 600) throw error
      await sleep(100)
    }
  }
}

function expectState({ wrong }: Outcome, what: string, found: RunState, wanted: RunState) {
  if (found !== wanted) wrong.push(`${what}: ended as ${found}, expected ${wanted}`)
}

/** Nothing but the bad day failed, and only what derives from it was skipped. */
async function expectFailedAt(db: Kysely<unknown>, { wrong }: Outcome, run: number, bad: string) {
  const { rows } = await sql<{ found: string }>`
    select string_agg(format('%s %s %s', state, asset, partition), ', ' order by id) as found
    from engine.step where run = ${run} and state in ('failed', 'skipped')`.execute(db)
  const found = rows[0]?.found ?? 'nothing'
  const [week] = keysInRange({ day: weekly() }, bad, bad)
  const expected = `failed mart.chaos_diamond ${bad}, skipped mart.chaos_week ${week}`
  if (found !== expected)
    wrong.push(`with ${bad} bad: ${found.slice(0, 300)}; expected ${expected}`)
}
