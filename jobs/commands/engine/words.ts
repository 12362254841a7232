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
  return cut(printable(words.join(', ')), mostLetters)
}

const mostLetters = 120

/** Text in so many letters. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
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
  const { steps, perMinute } = run
  const isOver = steps.ended === steps.total
  const words = [
    `${isOver ? '' : `${displayCount(steps.ended)} of `}${several(steps.total, 'step')}`,
  ]
  for (const state of ['failed', 'skipped', 'cancelled'] as const)
    if (steps[state] > 0) words.push(`${displayCount(steps[state])} ${state}`)
  const left = secondsLeft(run)
  if (left === null) return words.join(', ')
  words.push(
    `${displayCount(Math.round(perMinute))} a minute`,
    `${displaySeconds(left * 1000)} left`,
  )
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

/** What went wrong with an asset, as it may be shown on one line after the asset's name. */
export function errorWords(error: string | null, asset = ''): string {
  const words = printable((error ?? 'no reason was recorded').replaceAll(/\s*\n\s*/g, ' '))
  return asset && words.startsWith(`${asset}: `) ? words.slice(asset.length + 2) : words
}
