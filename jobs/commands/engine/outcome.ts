import type { StepGroup } from '../../engine/overview/steps.ts'
import type { RunOverview } from '../../engine/overview/runs.ts'
import { type Format, json } from '../../terminal/formats.ts'
import { exitCodes } from '../../terminal/mistakes.ts'
import { several } from '../../terminal/values.ts'
import type { Followed } from './follow.ts'
import { errorWords } from './words.ts'

/** Says how the wait for a run ended, to programs in full, and throws if the run did not get through. */
export function conclude(followed: Followed, format: Format): number {
  const { run, groups, interrupted } = followed
  if (format === 'json') console.log(json(forPrograms(followed)))
  if (interrupted) return exitCodes.interrupted
  if (run.state === 'done') return exitCodes.ok
  throw new Error(run.state === 'cancelled' ? cancelledWords(run) : failedWords(run, groups))
}

function forPrograms({ run, groups, interrupted }: Followed) {
  const failed = groups.filter(({ state }) => state === 'failed')
  return {
    run: run.id,
    kind: run.kind,
    state: run.state,
    interrupted,
    seconds: run.seconds,
    steps: run.steps,
    rows: groups.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
    failed: failed.map(({ asset, keys, error }) => ({ asset, partitions: keys, error })),
  }
}

function cancelledWords({ id, steps }: RunOverview): string {
  return (
    `Run ${id} was cancelled after ${steps.done + steps.unchanged} of ${several(steps.total, 'step')}. ` +
    `To do the rest: recoup run --from-failure ${id}`
  )
}

function failedWords({ id, steps }: RunOverview, groups: readonly StepGroup[]): string {
  const failed = groups.filter(({ state }) => state === 'failed')
  const [first, ...others] = failed
  const name = [first?.asset, first?.keys[0]].filter(Boolean).join(' ')
  const reason = errorWords(first?.error ?? null, first?.asset)
  const words = [`${name} failed: ${/[.!?]$/.test(reason) ? reason : `${reason}.`}`]
  if (steps.failed > 1) {
    const more = steps.failed - 1
    const where =
      others.length > 0 ? `, also of ${others.map(({ asset }) => asset).join(', ')}` : ''
    words.push(`So did ${several(more, 'other step')}${where}.`)
  }
  if (steps.skipped > 0)
    words.push(
      `${several(steps.skipped, 'step')} that would have read it ${steps.skipped === 1 ? 'was' : 'were'} skipped.`,
    )
  words.push(`Details: recoup runs ${id}. To do the rest: recoup run --from-failure ${id}`)
  return words.join(' ')
}
