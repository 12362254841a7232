import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import { staysInSlice } from './stays-in-slice.ts'

/** A rule of severity warning that present rows of an asset break. One that blocks lets in no such rows. */
export interface BrokenCheck {
  asset: Asset
  name: string
  because: string
  /** Of the newest result. */
  run: number
  partition: string
  /** Rows, over all its partitions. */
  broken: number
}

type Row = Pick<BrokenCheck, 'name' | 'run' | 'partition' | 'broken'> & {
  asset: string
}

/**
 * The rules that are broken now. One that judges each partition by itself: by rows that were judged
 * then and have not been replaced since. One that judges the whole table: when it was judged last.
 */
export async function brokenChecks(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
): Promise<BrokenCheck[]> {
  const rules = assets.flatMap((asset) =>
    asset.checks
      .filter(({ severity }) => severity === 'warning')
      .map((check) => ({ asset, ...check, isByPart: staysInSlice(asset, check) })),
  )
  if (rules.length === 0) return []
  // A range of partitions is called by its ends, and names sort as partitions follow each other.
  const { rows } = await sql<Row>`
    select distinct on (asset, name) asset, name, run, partition,
      sum(broken) over (partition by asset, name)::int8 as broken
    from engine.check_result as result
    join unnest(
      ${rules.map((rule) => rule.asset.name)}::text[], ${rules.map(({ name }) => name)}::text[],
      ${rules.map(({ isByPart }) => isByPart)}::bool[]
    ) as rule (asset, name, by_part) using (asset, name)
    where broken > 0 and case when by_part then exists (
        select from engine.partition_state as made
        join engine.materialization as change on change.id = made.changed
        where made.asset = result.asset and change.run = result.run
          and (result.partition = '' or made.partition
            between split_part(result.partition, '..', 1) and split_part(result.partition, '..', -1))
      ) else not exists (
        select from engine.check_result as newer
        where newer.asset = result.asset and newer.name = result.name and newer.id > result.id
      ) end
    order by asset, name, id desc`.execute(db)
  const found = new Map(rows.map((row) => [`${row.asset} ${row.name}`, row]))
  return rules.flatMap(({ asset, name, because }) => {
    const row = found.get(`${asset.name} ${name}`)
    return row ? { ...row, asset, because } : []
  })
}
