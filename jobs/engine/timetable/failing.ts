import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { leadOf, type Unit } from '../graph.ts'

/** A unit of which something failed and was not made since. */
export interface Failing {
  unit: string
  /** Of the newest failure. */
  run: number
  step: number
  partition: string
  error: string | null
  failedAt: string
  /** How many steps of it failed and were not made good. */
  steps: number
}

/** The units among those given that are failing, by their names. */
export async function failingOf(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
): Promise<Map<string, Failing>> {
  const { rows } = await sql<Failing>`
    select distinct on (step.asset) step.asset as unit, step.run, step.id as step, step.partition,
      step.error, step.finished_at as "failedAt", count(*) over (partition by step.asset) as steps
    from unnest(
      ${units.map(({ name }) => name)}::text[], ${units.map((unit) => leadOf(unit).name)}::text[]
    ) as unit (name, lead)
    join engine.step as step on step.asset = unit.name and step.state = 'failed'
    where exists (
      select from unnest(coalesce(step.keys, array[step.partition])) as key where not exists (
        select from engine.partition_state as made
        where made.asset = unit.lead and (key = '' or made.partition = key)
          and made.materialized_at > step.finished_at
      )
    )
    order by step.asset, step.id desc`.execute(db)
  return new Map(rows.map((row) => [row.unit, row]))
}
