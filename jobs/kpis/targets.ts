import type pg from 'pg'

import type { Kpi } from './catalogue.ts'
import type { Day } from './days.ts'

/** Targets of the plan for everything together, by KPI and period. */
export type Targets = ReadonlyMap<string, string>

/** How a value compares with its target. */
export interface Standing {
  isMet: boolean
  /** Value less target. */
  gap: number
}

/** Reads the targets; of several versions of the plan the last counts. */
export async function readTargets(pool: pg.Pool): Promise<Targets> {
  const { rows } = await pool.query<{ kpi: string; period: string; value: string }>(
    `select kpi, period, value from mart.ref_target where slice = 'all' order by version`,
  )
  return new Map(rows.map(({ kpi, period, value }) => [`${kpi} ${period}`, value]))
}

/** The target of the quarter a day is in, else of its year. */
export function targetFor(targets: Targets, kpi: string, day: Day): string | null {
  const year = day.slice(0, 4)
  const quarter = Math.ceil(Number(day.slice(5, 7)) / 3)
  return targets.get(`${kpi} ${year}-Q${quarter}`) ?? targets.get(`${kpi} ${year}`) ?? null
}

/** Null where there is nothing to compare, or no side is the better one. */
export function standingOf(
  { direction }: Pick<Kpi, 'direction'>,
  value: string | null,
  target: string | null,
): Standing | null {
  if (value === null || target === null || !['up', 'down'].includes(direction)) return null
  const gap = Number(value) - Number(target)
  return { gap, isMet: direction === 'up' ? gap >= 0 : gap <= 0 }
}
