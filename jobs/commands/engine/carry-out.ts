import type { Plan } from '../../engine/plan.ts'
import { startPlan } from '../../engine/request.ts'
import { liveWorkers } from '../../engine/overview/workers.ts'
import { faint } from '../../terminal/colour.ts'
import { type Format, json } from '../../terminal/formats.ts'
import { exitCodes } from '../../terminal/mistakes.ts'
import type { Works } from '../../worker.ts'
import { followRun } from './follow.ts'
import { conclude } from './outcome.ts'
import { planJson, planTable, planWords } from './plan-words.ts'

/** How a run is to be started and waited for. */
export interface HowToRun {
  /** Only shows the plan. */
  dryRun?: boolean
  /** Does not wait. */
  detach?: boolean
  format: Format
}

/** A plan, and what its reader should know of it. */
export interface Told {
  plan: Plan
  notes: readonly string[]
  /** The answer when there is nothing in it. */
  nothing: string
}

/** Shows a plan, or starts it and waits for its end; the result is the exit code. */
export async function carryOut(
  works: Works,
  { plan, notes, nothing }: Told,
  { dryRun = false, detach = false, format }: HowToRun,
  signal: AbortSignal,
): Promise<number> {
  const quiet = format === 'json'
  const say = (words: string) => {
    if (!quiet) console.log(words)
  }
  if (dryRun) showPlan({ plan, notes, nothing }, format)
  if (dryRun) return exitCodes.ok

  for (const note of notes) say(note)
  const id = await startPlan(works.db, plan)
  if (id === null) {
    say(nothing)
    if (quiet) console.log(json({ run: null, steps: 0 }))
    return exitCodes.ok
  }
  if (plan.steps.length > 1) say(`${planTable(plan)}\n`)
  if (!detach) return conclude(await followRun(works, id, { signal, quiet }), format)
  if (quiet) console.log(json({ run: id, steps: plan.steps.length }))
  say(await startedWords(works, id, planWords(plan)))
  return exitCodes.ok
}

/** Shows what would be started. */
export function showPlan({ plan, notes, nothing }: Told, format: Format): void {
  if (format === 'json') return console.log(planJson(plan, notes))
  if (plan.steps.length === 0) return console.log(nothing)
  console.log(
    [planTable(plan), '', ...notes, `${planWords(plan)}. Nothing was started.`].join('\n'),
  )
}

/** What to know of a run that nobody waits for. */
export async function startedWords({ db }: Works, id: number, what: string): Promise<string> {
  const workers = await liveWorkers(db)
  const begins =
    workers.length > 0 ? '' : ' No worker is alive: it begins with npm start or recoup worker.'
  return `Run ${id} is planned: ${what}.${begins}\n${faint(`To watch: recoup logs ${id} --follow`)}`
}
