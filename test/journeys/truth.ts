import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Kpi, kpisOf } from '#jobs/kpis/catalogue.ts'
import type { CubeClient, CubeRow } from '#jobs/kpis/cube-client.ts'

/** One value that the demo's generator knows of its own make-believe, by a path without SQL. */
export interface TrueValue {
  kpi: string
  slice: Record<string, string>
  from: string | null
  to: string | null
  value: string | null
}

/** What the generator knows to be true. */
export interface Truth {
  feeds: Record<string, { asOf: string; lastCompleteWeek: string }>
  kpis: TrueValue[]
  /** Rows that must be set aside, by feed. */
  quarantined: Record<string, number>
}

export function readTruth(home: string): Truth {
  return JSON.parse(readFileSync(join(home, 'demo/truth.json'), 'utf8')) as Truth
}

/** Asks Cube for every value of the truth and lists those that differ, as sentences. */
export async function differences(truth: Truth, cube: CubeClient): Promise<string[]> {
  const kpis = new Map(kpisOf(await cube.views()).map((kpi) => [kpi.name, kpi]))
  const unknown = [...new Set(truth.kpis.map(({ kpi }) => kpi))].filter((name) => !kpis.has(name))
  if (unknown.length > 0) return unknown.map((name) => `Cube has no measure ${name}`)

  // Values of one view, the same days and the same dimensions are one question.
  const questions = Map.groupBy(truth.kpis, ({ kpi, slice, from, to }) =>
    [kpis.get(kpi)?.view, from, to, ...Object.keys(slice)].join(' '),
  )
  const found: string[] = []
  for (const group of questions.values()) {
    const rows = await ask(cube, group, kpis)
    for (const wanted of group) {
      const kpi = kpis.get(wanted.kpi)!
      const row = rows.find((candidate) => isOf(candidate, kpi.view, wanted.slice))
      const value = (row?.[`${kpi.view}.${kpi.name}`] ?? null) as string | null
      if (!isSame(value, wanted.value, kpi.unit)) found.push(sentence(wanted, value))
    }
  }
  return found
}

async function ask(
  cube: CubeClient,
  [first, ...others]: readonly TrueValue[],
  kpis: ReadonlyMap<string, Kpi>,
): Promise<CubeRow[]> {
  const { kpi, slice, from, to } = first!
  const { view } = kpis.get(kpi)!
  const measures = [first!, ...others].map(({ kpi: name }) => `${view}.${name}`)
  return await cube.load({
    measures: [...new Set(measures)],
    dimensions: Object.keys(slice).map((name) => `${view}.${name}`),
    timeDimensions: from && to ? [{ dimension: `${view}.day`, dateRange: [from, to] }] : [],
  })
}

function isOf(row: CubeRow, view: string, slice: Record<string, string>): boolean {
  return Object.entries(slice).every(([name, value]) => row[`${view}.${name}`] === value)
}

const cents = new Intl.NumberFormat('en', {
  useGrouping: false,
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})

/** Money to the minor unit, counts exactly, all else to 1e-9. A sum of no rows is zero. */
export function isSame(value: string | null, wanted: string | null, unit: string): boolean {
  if (unit === 'money') return euros(value) === euros(wanted)
  if (unit === 'count') return Number(value ?? 0) === Number(wanted ?? 0)
  if (value === null || wanted === null) return value === wanted
  return Math.abs(Number(value) - Number(wanted)) <= 1e-9
}

function euros(value: string | null): string {
  return cents.format((value ?? '0') as Intl.StringNumericLiteral).replace('-0.00', '0.00')
}

export function sentence({ kpi, slice, from, to, value }: TrueValue, found: string | null): string {
  const of = Object.values(slice).join(' ')
  return `${kpi} ${of} ${from ?? ''}..${to ?? ''}: found ${found}, in truth ${value}`
}
