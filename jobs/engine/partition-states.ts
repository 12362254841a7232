import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/** The newest materialization of one partition, or of a whole asset. */
export interface PartitionState {
  /** The materialization that changed its rows last; 0: none did. */
  changed: number
  codeVersion: string | null
  /** For each asset it read, the newest materialization it is sure to have seen. */
  reads: Readonly<Record<string, number>>
  rows: number
}

/** By asset, by partition; the partition of a whole asset is ''. */
export type States = ReadonlyMap<string, ReadonlyMap<string, PartitionState>>

/** What is materialized of the assets named. Reads a row a partition: one query, however many assets. */
export async function readStates(
  db: Kysely<AnyDatabase>,
  assets: readonly string[],
): Promise<States> {
  const { rows } = await sql<PartitionState & { asset: string; partition: string }>`
    select asset, partition, changed, code_version as "codeVersion", reads, rows
    from engine.partition_state where asset = any(${assets}::text[])`.execute(db)
  const states = new Map<string, Map<string, PartitionState>>()
  for (const { asset, partition, ...state } of rows) {
    const of = states.get(asset)
    if (of) of.set(partition, state)
    else states.set(asset, new Map([[partition, state]]))
  }
  return states
}

/** The newest materialization of each asset. Taken before reading, so at worst it is built once more. */
export async function newestOf(
  db: Kysely<AnyDatabase>,
  assets: readonly string[],
): Promise<Record<string, number>> {
  if (assets.length === 0) return {}
  const { rows } = await sql<{ asset: string; id: number }>`
    select asset, id from unnest(${assets}::text[]) as asset cross join lateral (
      select max(id) as id from engine.materialization as m where m.asset = asset.asset
    ) as newest where id is not null`.execute(db)
  return Object.fromEntries(rows.map(({ asset, id }) => [asset, id]))
}
