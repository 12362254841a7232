/** Which partitions of a feed have new or other rows since it was published last. */
import type { PoolClient } from 'pg'

import type { Source } from '#kit/asset.ts'
import { quoted } from '#kit/load/merge-sql.ts'
import { partitionsSql } from '#kit/partitions/sql.ts'
import { feedName } from '#kit/read/header.ts'

/**
 * The partitions that the loads given brought rows to, and those where rows were that they replaced.
 * Of a feed whose partitions were never recorded, all. Call in the transaction that records them.
 */
export async function touchedBy(
  client: PoolClient,
  source: Source,
  loads: readonly number[],
): Promise<string[]> {
  const { partitionedBy, name } = source
  if (!partitionedBy) return []
  const table = { ...source, partitionedBy }
  const feed = feedName(source)
  const { rows: before } = await client.query<{ partition: string }>(
    'delete from raw.touched where feed = $1 returning partition',
    [feed],
  )
  const { rows: known } = await client.query(
    `select from engine.partition_state where asset = $1 and partition <> '' limit 1`,
    [name],
  )
  const where = known.length > 0 ? 'where t.load_id = any($1::int8[])' : ''
  if (known.length > 0 && loads.length === 0) return before.map(({ partition }) => partition)
  const { rows: now } = await client.query<{ partition: string }>(
    partitionsSql(table, `${quoted(name)} as t ${where}`, 't'),
    where ? [loads] : [],
  )
  return [...new Set([...before, ...now].map(({ partition }) => partition))].sort()
}
