import { setTimeout as sleep } from 'node:timers/promises'

import { findRun, type RunOverview } from '../../engine/overview/runs.ts'
import { liveSteps, type StepGroup, stepGroups } from '../../engine/overview/steps.ts'
import type { StepState } from '../../engine/states.ts'
import type { StepStatus } from '../../engine/watch.ts'
import { faint } from '../../terminal/colour.ts'
import { type Activity, type Live, stage } from '../../terminal/stage.ts'
import { displaySeconds, several } from '../../terminal/values.ts'
import type { Works } from '../../worker.ts'
import { type Hands, handsFor } from './hands.ts'
import { progressWords } from './words.ts'

/** How a run was left: `interrupted` by Ctrl-C, while it goes on or stays for the next worker. */
export interface Followed {
  run: RunOverview
  groups: readonly StepGroup[]
  interrupted: boolean
}

/**
 * Waits for a run and shows how far it is; works on it where nobody else does. Ctrl-C stops the waiting
 * and the work of this process, never the run.
 */
export async function followRun(
  works: Works,
  id: number,
  { signal, quiet = false }: { signal: AbortSignal; quiet?: boolean },
): Promise<Followed> {
  await using hands = handsFor(works)
  const followed = await stage(
    `Run ${id}`,
    async (live) => {
      const interrupted = await watch(works, id, { hands, live, signal })
      const [run, groups] = [await runOf(works, id), await stepGroups(works.db, id)]
      const found = { run, groups, interrupted }
      if (!interrupted && run.state !== 'done') throw new Unfinished(found)
      return found
    },
    ({ interrupted, groups, run }) => (interrupted ? null : doneWords(run, groups)),
    { quiet },
  ).catch((error: unknown) => {
    if (error instanceof Unfinished) return error.followed
    throw error
  })
  if (!followed.interrupted) return followed
  await hands[Symbol.asyncDispose]()
  const run = await runOf(works, id)
  if (!quiet) console.log(await leftWords(run, hands))
  return { ...followed, run }
}

/** Ends the stage of a run that failed or was cancelled. */
class Unfinished extends Error {
  readonly followed: Followed

  constructor(followed: Followed) {
    super(`Run ${followed.run.id} is not done.`)
    this.followed = followed
  }
}

async function runOf({ db }: Works, id: number): Promise<RunOverview> {
  const run = await findRun(db, id)
  if (!run) throw new Error(`There is no run ${id} any more.`)
  return run
}

/** Each step that ends is told in a run of so many; of a larger one only what fails. */
const fewSteps = 60
const failuresTold = 20

interface Watching {
  hands: Hands
  live: Live
  signal: AbortSignal
}

async function watch(
  works: Works,
  id: number,
  { hands, live, signal }: Watching,
): Promise<boolean> {
  const told = new Set<string>()
  for (;;) {
    if (signal.aborted) return true
    await hands.ensure()
    const run = await runOf(works, id)
    const isSmall = run.steps.total <= fewSteps
    const states: StepState[] = isSmall ? ['running', 'failed', 'done'] : ['running', 'failed']
    const steps = await liveSteps(works.db, id, {
      states,
      limit: isSmall ? fewSteps : failuresTold + runningAtMost,
    })
    const fraction = run.steps.total ? run.steps.ended / run.steps.total : 1
    const running = steps.filter(({ state }) => state === 'running')
    live.show({ fraction, note: progressWords(run) }, running.map(activityOf))
    for (const step of steps.filter(({ state }) => state !== 'running')) {
      const key = `${step.asset} ${step.partition}`
      if (!told.has(key)) live.print(lineOf(step))
      told.add(key)
    }
    if (run.state !== 'running') return false
    const everyMs = isSmall ? 150 : 1_000
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}

const runningAtMost = 50

function activityOf({ asset, partition, progress, note, seconds }: StepStatus): Activity {
  const words = [partition, note ?? (progress ? '' : 'building')]
  words.push(displaySeconds((seconds ?? 0) * 1000))
  return { title: asset, fraction: progress || null, note: words.filter(Boolean).join(', ') }
}

function lineOf({ asset, partition, state, rows, seconds }: StepStatus): string {
  const took = displaySeconds((seconds ?? 0) * 1000).padStart(8)
  const name = [asset, partition].filter(Boolean).join(' ')
  const what = state === 'done' ? several(rows ?? 0, 'row') : state
  return `  ${name.padEnd(32)} ${what.padStart(18)} ${took}`
}

/** What came of a run: `2 feeds loaded, 5 tables made (1,204 rows)`. */
function doneWords({ steps }: RunOverview, groups: readonly StepGroup[]): string {
  const done = groups.filter(({ state }) => state === 'done')
  const made = (isFeed: boolean, thing: string, what: string) => {
    const of = done.filter(({ asset }) => asset.startsWith('raw.') === isFeed)
    if (of.length === 0) return []
    const parts = of.reduce((sum, { keys }) => sum + keys.length, 0)
    const rows = of.reduce((sum, group) => sum + (group.rows ?? 0), 0)
    const partitions = parts > 0 ? `${several(parts, 'partition')}, ` : ''
    return [`${several(of.length, thing)} ${what} (${partitions}${several(rows, 'row')})`]
  }
  const words = [...made(true, 'feed', 'loaded'), ...made(false, 'table', 'made')]
  if (words.length === 0) words.push('nothing had to be done')
  else if (steps.unchanged > 0) words.push(`${steps.unchanged} unchanged`)
  return words.join(', ')
}

async function leftWords(run: RunOverview, hands: Hands): Promise<string> {
  const [other] = await hands.others()
  const far = `${run.steps.ended} of ${several(run.steps.total, 'step')} have ended`
  const [where, next] = other
    ? [
        `goes on: worker ${other.worker} (${other.host}, process ${other.pid}) is at it`,
        `To watch: recoup logs ${run.id} --follow`,
      ]
    : [
        'stays as it is; what was loading is given back',
        'It goes on with the next worker: npm start, or recoup worker',
      ]
  return (
    `No longer waiting. Run ${run.id} ${where}; ${far}.\n` +
    faint(`${next}. To end it: recoup cancel ${run.id}`)
  )
}
