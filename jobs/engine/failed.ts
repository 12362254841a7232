import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { leadOf, type Unit } from './graph.ts'

/** The last failure of a partition that nothing mended since; the partition '' is the whole. */
export interface Failure {
  run: number
  at: string
  error: string | null
}

/** What failed of units and was not materialized since: by unit, by partition. */
export async function failuresOf(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
): Promise<Map<string, Map<string, Failure>>> {
  const { rows } = await sql<Failure & { unit: string; key: string }>`
    select distinct on (step.asset, key) step.asset as unit, key, step.run,
      step.finished_at as at, step.error
    from engine.step as step
    join unnest(
      ${units.map(({ name }) => name)}::text[], ${units.map((unit) => leadOf(unit).name)}::text[]
    ) as unit (name, lead) on unit.name = step.asset
    cross join unnest(coalesce(step.keys, array[step.partition])) as key
    where step.state = 'failed'
      and not exists (
        select from engine.partition_state as state
        where state.asset = unit.lead and state.partition = key
          and state.materialized_at > step.finished_at)
      -- A step that looks for stale partitions by itself may find that there are none left.
      and not (key = '' and exists (
        select from engine.partition_state as state
        where state.asset = unit.lead and state.materialized_at > step.finished_at))
      and not (key = '' and exists (
        select from engine.step as later
        where later.asset = step.asset and later.partition = '' and later.id > step.id
          and later.state in ('done', 'unchanged')))
    order by step.asset, key, step.id desc`.execute(db)
  const failures = new Map<string, Map<string, Failure>>()
  for (const { unit, key, ...failure } of rows) {
    const of = failures.get(unit) ?? new Map<string, Failure>()
    failures.set(unit, of.set(key, failure))
  }
  return failures
}
