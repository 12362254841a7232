import type { RunStatus, StepStatus } from '#jobs/engine/watch.ts'

import type { Live } from './stage.ts'
import { displaySeconds, several } from './values.ts'

const settled = new Set(['done', 'unchanged', 'failed', 'skipped', 'cancelled'])

/** Follows runs on a stage: bars for what is running, and a line once for each step that ended. */
export function followRuns(live: Live) {
  const runs = new Map<number, RunStatus>()
  const told = new Set<string>()
  return {
    /** Each run by its number, as it was last seen. */
    runs: runs as ReadonlyMap<number, RunStatus>,
    onStatus(this: void, run: RunStatus) {
      runs.set(run.id, run)
      const ended = run.steps.filter(({ state }) => settled.has(state))
      const running = run.steps.filter(({ state }) => state === 'running')
      live.show(
        {
          fraction: run.steps.length ? ended.length / run.steps.length : 1,
          note: `${ended.length} of ${run.steps.length} tables`,
        },
        running.map(activityOf),
      )
      for (const step of ended) {
        const key = `${run.id}/${step.asset}`
        if (told.has(key) || step.state === 'unchanged') continue
        told.add(key)
        live.print(lineOf(step))
      }
    },
  }
}

function activityOf({ asset, progress, note, seconds }: StepStatus) {
  const words = [note ?? (progress ? '' : 'building'), displaySeconds((seconds ?? 0) * 1000)]
  const left = secondsLeft(progress, seconds ?? 0)
  if (left !== null) words.push(`${displaySeconds(left * 1000)} left`)
  return { title: asset, fraction: progress || null, note: words.filter(Boolean).join(', ') }
}

/** An estimate, once there is something to go by. */
function secondsLeft(fraction: number, seconds: number): number | null {
  if (fraction < 0.05 || seconds < 5) return null
  return Math.round((seconds * (1 - fraction)) / fraction)
}

function lineOf({ asset, state, rows, seconds }: StepStatus): string {
  const took = displaySeconds((seconds ?? 0) * 1000).padStart(8)
  const what = state === 'done' ? several(rows ?? 0, 'row') : state
  return `  ${asset.padEnd(32)} ${what.padStart(18)} ${took}`
}

/** Ends the command when a run did not get through, with the first reason. */
export function requireSuccess(run: RunStatus | null): void {
  if (!run || run.state === 'done') return
  if (run.state === 'cancelled') throw new Error(`Run ${run.id} was cancelled. To go on: npm start`)
  const failed = run.steps.filter(({ state }) => state === 'failed')
  const skipped = run.steps.filter(({ state }) => state === 'skipped').length
  const [first] = failed
  throw new Error(
    `${first?.asset ?? `Run ${run.id}`} failed: ${asSentence(first?.error)}` +
      (skipped ? ` ${skipped} tables that derive from it keep their earlier rows.` : '') +
      (failed.length > 1
        ? ` So did ${failed
            .slice(1)
            .map(({ asset }) => asset)
            .join(', ')}.`
        : ''),
  )
}

function asSentence(words: string | null | undefined): string {
  const text = words || 'no reason was recorded'
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** What the runs did: how many feeds had news, how many tables were made of it. */
export function runWords(runs: readonly RunStatus[]): string {
  const done = runs.flatMap(({ steps }) => steps).filter(({ state }) => state === 'done')
  const feeds = done.filter(({ asset, rows }) => asset.startsWith('raw.') && rows)
  const tables = done.filter(({ asset }) => !asset.startsWith('raw.'))
  const made = tables.length > 0 ? `${part(tables, 'table')} made` : 'no table changed'
  return `${feeds.length > 0 ? `${part(feeds, 'feed')} loaded` : 'no new row'}, ${made}`
}

function part(steps: readonly StepStatus[], name: string): string {
  const rows = steps.reduce((sum, step) => sum + (step.rows ?? 0), 0)
  return `${several(steps.length, name)} (${several(rows, 'row')})`
}
