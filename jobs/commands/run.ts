import { findRun } from '../engine/overview/runs.ts'
import { planRequest } from '../engine/request.ts'
import type { Only } from '../engine/states.ts'
import { planRest } from '../engine/resume.ts'
import { type StartedRun, startRun, upkeepPlan } from '../engine/run.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { type Format, json } from '../terminal/formats.ts'
import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { openWorks, type Works } from '../worker.ts'
import { carryOut, type HowToRun, showPlan, startedWords, type Told } from './engine/carry-out.ts'
import { followRun } from './engine/follow.ts'
import { conclude } from './engine/outcome.ts'
import { selected } from './engine/selected.ts'
import { type Typed, which } from './engine/which.ts'

/** What was typed after `recoup run`. */
export interface RunOptions extends Typed, HowToRun {
  only?: Only
  /** The run whose rest is to be done. */
  fromFailure?: number
}

/** `recoup run`: materializes what is selected, what is stale, or what an earlier run left. */
export async function run(words: readonly string[], options: RunOptions): Promise<number> {
  const { partitions, from, to, only, fromFailure } = options
  const choice = [partitions, from, to, only].find((each) => each !== undefined)
  if (fromFailure !== undefined && (words.length > 0 || choice !== undefined))
    throw new UsageError(
      `--from-failure ${fromFailure} does the rest of that run as it was asked for: ` +
        'leave the selection and all that narrows it out.',
    )
  if (words.length === 0 && choice !== undefined)
    throw new UsageError(
      'Of what? Name assets before the partitions, such as: recoup run fact_fee --only failed. ' +
        'All of them: recoup assets',
    )
  requireWarehouse()
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    if (fromFailure === undefined && words.length === 0) return await upkeep(works, options, signal)
    const told =
      fromFailure === undefined
        ? await asked(works, words, options)
        : await rest(works, fromFailure)
    return await carryOut(works, told, options, signal)
  })
}

async function asked(
  { db, plan: { assets } }: Works,
  words: readonly string[],
  { partitions, from, to, only }: RunOptions,
): Promise<Told> {
  const units = selected(words, assets)
  const { keysOf, notes } = which(units, typedOf({ partitions, from, to }))
  const request = { selection: words.join(' '), partitions, from, to, only }
  const plan = await planRequest(
    db,
    { assets },
    { kind: 'run', request, units, ...(keysOf && { keysOf }), ...(only && { only }) },
  )
  return { plan, notes, nothing: nothingWords(words, only) }
}

async function rest({ db, plan: { assets } }: Works, id: number): Promise<Told> {
  if (!(await findRun(db, id)))
    throw new UsageError(`There is no run ${id}. To see those there are: recoup runs`)
  const plan = await planRest(db, assets, id)
  return { plan, notes: [], nothing: `Run ${id} left nothing undone.` }
}

/** Runs what is stale: first what such a run already under way leaves to do, then one of its own. */
async function upkeep(works: Works, options: RunOptions, signal: AbortSignal): Promise<number> {
  const { dryRun, detach, format } = options
  const quiet = format === 'json'
  const nothing = 'Nothing is stale.'
  if (dryRun) showPlan({ plan: await upkeepPlan(works.db, works.plan), notes: [], nothing }, format)
  if (dryRun) return exitCodes.ok

  const started = await startRun(works.db, works.plan)
  if (!started) {
    console.log(quiet ? json({ run: null, steps: 0 }) : nothing)
    return exitCodes.ok
  }
  if (detach) {
    const what = started.resumed ? 'it was under way already' : 'what is stale'
    const { id } = started
    console.log(quiet ? json({ run: id }) : await startedWords(works, id, what))
    return exitCodes.ok
  }
  return await followUpkeep(works, started, { signal, quiet, format })
}

async function followUpkeep(
  works: Works,
  started: StartedRun,
  { format, ...how }: { signal: AbortSignal; quiet: boolean; format: Format },
): Promise<number> {
  const followed = await followRun(works, started.id, how)
  const isEnough = !started.resumed || followed.interrupted || followed.run.state !== 'done'
  // One that was under way may have been planned before what is stale now.
  const next = isEnough ? null : await startRun(works.db, works.plan)
  return next ? await followUpkeep(works, next, { format, ...how }) : conclude(followed, format)
}

/** Only what was typed: an option that is there with nothing in it is another thing to the compiler. */
export function typedOf(typed: { [Name in keyof Typed]: Typed[Name] | undefined }): Typed {
  return Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined))
}

/** The answer when no step came of what was asked for. */
export function nothingWords(words: readonly string[], only?: Only): string {
  const what = words.join(' ')
  return only
    ? `Nothing of ${what} ${only === 'failed' ? 'has failed' : `is ${only}`} there, so nothing is to be done.`
    : `No partition of ${what} is expected there, so nothing is to be done. What is: recoup assets ${what}`
}
