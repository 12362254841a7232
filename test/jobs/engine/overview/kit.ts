import { type Kysely, sql } from 'kysely'
import * as z from 'zod'

import { type AnyDatabase, computed, type Operation } from '#kit/asset.ts'
import { day } from '#kit/columns.ts'
import { daily } from '#kit/partitions/dimension.ts'
import { codeVersion } from '#jobs/engine/code-version.ts'
import type { Asset } from '#kit/asset.ts'

const contract = z.object({ day: day() })

/** A table of days that code fills; `load` may throw. */
export function days(
  name: `mart.${string}`,
  {
    from = '2026-11-01',
    reads = [],
    load = () => {},
    ...options
  }: {
    from?: string
    reads?: readonly Asset[]
    load?: (key: string) => void
  } & Omit<Operation<'day'>, 'partitionedBy'> = {},
) {
  return computed({
    name,
    description: 'Days.',
    contract,
    grain: ['day'],
    reads,
    version: '1',
    partitionedBy: { day: daily({ from }) },
    retry: { limit: 1, backoffMs: 0 },
    async load(_tx, _extracted, { slice }) {
      for (const key of slice.keys) load(key)
      return { rows: slice.keys.length }
    },
    ...options,
  })
}

/** Records days as materialized, as a run would have: the materialization has seen `reads`. */
export async function record(
  db: Kysely<AnyDatabase>,
  asset: Asset,
  { from, to, reads = {} }: { from: string; to: string; reads?: Record<string, number> },
) {
  await sql`
    insert into engine.partition_state
      (asset, partition, version, changed, code_version, reads, rows, run)
    select ${asset.name}, to_char(day, 'YYYY-MM-DD'), 1, 1, ${codeVersion(asset)},
      ${JSON.stringify(reads)}::jsonb, 3, 1
    from generate_series(${from}::timestamp, ${to}::timestamp, interval '1 day') as day`.execute(db)
}
