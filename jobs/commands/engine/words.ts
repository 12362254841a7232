/** Runs and their steps in words. */
import type { PartitionedBy } from '#kit/partitions/dimension.ts'

import { rangesOf } from '../../engine/overview/ranges.ts'
import { type RunOverview, secondsLeft } from '../../engine/overview/runs.ts'
import { bad, good, notable } from '../../terminal/colour.ts'
import { displayCount, displaySeconds, printable, several } from '../../terminal/values.ts'

/** What somebody asked for: `mart.fact_fee+, 2026-01..2026-03, only failed`. */
export function requestWords({ kind, request }: Pick<RunOverview, 'kind' | 'request'>): string {
  const { selection, partitions, from, to, only, ...others } = request
  const words: string[] = []
  if (selection) words.push(textOf(selection))
  if (partitions) words.push(textOf(partitions))
  if (from ?? to) words.push(`${textOf(from ?? '')}..${textOf(to ?? '')}`)
  if (only) words.push(`only ${textOf(only)}`)
  for (const [name, value] of Object.entries(others))
    if (value !== undefined && value !== null) words.push(`${name} ${textOf(value)}`)
  if (words.length === 0) words.push(kind === 'upkeep' ? 'what is stale' : '–')
  return printable(words.join(', '))
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(' ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The state of a run in its colour; `paused` is one, too. */
export function stateWords({ state, paused }: Pick<RunOverview, 'state' | 'paused'>): string {
  if (state === 'running') return paused ? notable('paused') : 'running'
  if (state === 'done') return good(state)
  return state === 'failed' ? bad(state) : notable(state)
}

/** How far a run is: `88 of 90 steps, 1 failed, 42 a minute, 2 min 05 s left`. */
export function progressWords(run: RunOverview): string {
  const { steps, state, perMinute } = run
  const words = [`${displayCount(steps.ended)} of ${several(steps.total, 'step')}`]
  if (steps.failed) words.push(`${displayCount(steps.failed)} failed`)
  if (steps.skipped) words.push(`${displayCount(steps.skipped)} skipped`)
  if (state !== 'running' || run.paused) return words.join(', ')
  if (steps.total > 10 && perMinute >= 1) words.push(`${displayCount(perMinute | 0)} a minute`)
  const left = steps.total > 10 ? secondsLeft(run) : null
  if (left !== null) words.push(`${displaySeconds(left * 1000)} left`)
  return words.join(', ')
}

const rangesShown = 4

/** Partitions in few words: ranges, with how many there are. */
export function partitionWords(
  partitionedBy: PartitionedBy | null,
  keys: readonly string[],
): string {
  const ranges = rangesOf(partitionedBy, keys)
  const more = ranges.length > rangesShown ? ` and ${ranges.length - rangesShown} more` : ''
  return `${ranges.slice(0, rangesShown).join(', ')}${more}`
}

/** What went wrong, as it may be shown on one line. */
export function errorWords(error: string | null): string {
  return printable((error ?? 'no reason was recorded').replaceAll(/\s*\n\s*/g, ' '))
}
