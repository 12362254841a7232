/** From the outcomes of all rounds to what is printed. */
import { bad, good } from '#jobs/terminal/colour.ts'
import { table } from '#jobs/terminal/table.ts'
import { displayBytes, displayCount } from '#jobs/terminal/values.ts'

import { median } from '../median.ts'
import { bareBinary, bareCsv, type Case, mostMemory } from './cases.ts'
import type { Outcome } from './run-case.ts'

/** A figure, what was promised, and whether it holds. */
export interface Judged {
  value: number
  goal: number | null
  holds: boolean | null
}

/** One case over all rounds; medians, and ratios within the same round. */
export interface Summary {
  case: string
  rows: number
  seconds: number[]
  medianSeconds: number
  rowsPerSecond: number
  timesBare: Judged | null
  ofTheLimit: Judged | null
  clientCpu: number | null
  serverCpu: number | null
  peakBytes: Judged | null
  memory: number[]
}

/** `outcomes` has one list a case, in the order of the rounds. */
export function summarise(cases: readonly Case[], outcomes: Map<string, Outcome[]>): Summary[] {
  return cases.map((one) => {
    const own = outcomes.get(one.name)!
    const seconds = own.map((outcome) => outcome.seconds)
    const ratioTo = (name: string) =>
      median(seconds.map((time, round) => outcomes.get(name)![round]!.seconds / time))
    const peaks = own.flatMap(({ peakBytes }) => peakBytes ?? [])
    const peak = peaks.length > 0 ? Math.max(...peaks) : null
    const isLoad = one.bare === null
    return {
      case: one.name,
      rows: one.file.rows,
      seconds,
      medianSeconds: median(seconds),
      rowsPerSecond: one.file.rows / median(seconds),
      timesBare: atLeast(ratioTo(bareCsv[one.target]), one.timesBare),
      ofTheLimit: one.target === 'empty' ? atLeast(ratioTo(bareBinary), one.ofTheLimit) : null,
      clientCpu: medianOf(own.map(({ clientCpu }) => clientCpu)),
      serverCpu: medianOf(own.map(({ serverCpu }) => serverCpu)),
      peakBytes: peak === null ? null : atMost(peak, isLoad ? mostMemory : null),
      memory: own.at(-1)!.memory,
    }
  })
}

/** The one load that fills the table: how the product does with a large file. */
export function summariseFill(rows: number, outcome: Outcome): Summary {
  const { seconds, clientCpu, serverCpu, peakBytes, memory } = outcome
  return {
    case: `csv, ${displayCount(rows)} rows`,
    rows,
    seconds: [seconds],
    medianSeconds: seconds,
    rowsPerSecond: rows / seconds,
    timesBare: null,
    ofTheLimit: null,
    clientCpu,
    serverCpu,
    peakBytes: peakBytes === null ? null : atMost(peakBytes, mostMemory),
    memory,
  }
}

/** The goals that do not hold. */
export function missed(summaries: readonly Summary[]): number {
  const judged = summaries.flatMap(({ timesBare, ofTheLimit, peakBytes }) => [
    timesBare,
    ofTheLimit,
    peakBytes,
  ])
  return judged.filter((figure) => figure?.holds === false).length
}

export function summaryTable(summaries: readonly Summary[]): string {
  const right = (title: string) => ({ title, align: 'right' as const })
  return table(
    [
      { title: 'Case' },
      right('Seconds'),
      right('Rows/s'),
      right('x COPY csv'),
      right('x COPY binary'),
      right('Client CPU s'),
      right('Postgres CPU s'),
      right('Peak memory'),
    ],
    summaries.map((one) => [
      one.case,
      `${one.medianSeconds.toFixed(2)} (${Math.min(...one.seconds).toFixed(2)}-${Math.max(...one.seconds).toFixed(2)})`,
      displayCount(Math.round(one.rowsPerSecond)),
      words(one.timesBare, (value) => value.toFixed(2), '>='),
      words(one.ofTheLimit, (value) => value.toFixed(2), '>='),
      one.clientCpu?.toFixed(1) ?? '-',
      one.serverCpu?.toFixed(1) ?? '-',
      words(one.peakBytes, displayBytes, '<='),
    ]),
  )
}

/** The memory of a long load over its course, in ten steps. */
export function memoryCurve({ memory }: Summary): string | null {
  if (memory.length < 20) return null
  const steps = Array.from({ length: 11 }, (_, step) => {
    const at = Math.round((step * (memory.length - 1)) / 10)
    return `${Math.round(memory[at]! / 1e6)}`
  })
  return `${steps.join(' ')} MB`
}

function words(figure: Judged | null, write: (value: number) => string, sign: string): string {
  if (!figure) return '-'
  const { value, goal, holds } = figure
  if (goal === null) return write(value)
  return `${write(value)} ${sign} ${write(goal)} ${holds ? good('✓') : bad('✗')}`
}

function atLeast(value: number, goal: number | null): Judged {
  return { value, goal, holds: goal === null ? null : value >= goal }
}

function atMost(value: number, goal: number | null): Judged {
  return { value, goal, holds: goal === null ? null : value <= goal }
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? [])
  return known.length > 0 ? median(known) : null
}
