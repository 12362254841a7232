import type { AssetOverview } from '../../engine/overview/assets.ts'
import { bad, faint, good, notable } from '../../terminal/colour.ts'
import { type Column, table } from '../../terminal/table.ts'
import { displayCount, displayInstant, several } from '../../terminal/values.ts'
import { cut, errorWords } from './words.ts'

/** How an asset stands, for programs. */
export function overviewJson({ asset, state, reason, ...found }: AssetOverview) {
  const { partitions, materializedAt, rows, freshness } = found
  const count = (keys: readonly string[]) => keys.length
  return {
    asset: asset.name,
    kind: asset.kind,
    state,
    reason,
    partitions: partitions && {
      expected: count(partitions.expected),
      materialized: count(partitions.materialized),
      missing: count(partitions.missing),
      stale: count(partitions.stale),
      failed: count(partitions.failed),
    },
    materializedAt,
    rows,
    freshness,
    automatic: asset.automatic,
    pool: asset.pool,
    owner: asset.owner,
    tags: asset.tags,
  }
}

/** How assets stand, as a table. */
export function overviewTable(found: readonly AssetOverview[]): string {
  const has = (wanted: (each: AssetOverview) => unknown) => found.some(wanted)
  const columns: [Column, (each: AssetOverview) => string][] = [
    [{ title: 'Asset' }, ({ asset }) => asset.name],
    [{ title: 'Kind' }, ({ asset }) => asset.kind],
  ]
  if (has(({ partitions }) => partitions))
    columns.push([{ title: 'Partitions', align: 'right' }, countWords])
  columns.push(
    [{ title: 'Rows', align: 'right' }, ({ rows }) => (rows === null ? '–' : displayCount(rows))],
    [
      { title: 'Materialized' },
      ({ materializedAt }) => (materializedAt ? displayInstant(materializedAt) : faint('never')),
    ],
    [{ title: 'State', width: 44 }, standing],
  )
  if (has(({ asset }) => asset.owner))
    columns.push([{ title: 'Owner' }, ({ asset }) => asset.owner ?? ''])
  if (has(({ asset }) => asset.tags.length))
    columns.push([{ title: 'Tags' }, ({ asset }) => asset.tags.join(' ')])
  const lines = found.map((each) => columns.map(([, cell]) => cell(each)))
  const grid = table(
    columns.map(([column]) => column),
    lines,
  )
  return `${grid}\n\n${summary(found)}`
}

function countWords({ partitions }: AssetOverview): string {
  if (!partitions) return faint('whole')
  const { expected, missing } = partitions
  const there = displayCount(expected.length - missing.length)
  return missing.length > 0 ? `${there} of ${displayCount(expected.length)}` : there
}

/** The state of an asset in words: `2 missing, 3 stale: raw.fee changed`. */
export function standing({
  state,
  reason,
  partitions,
  asset,
  materializedAt,
}: AssetOverview): string {
  if (state === 'fresh')
    return materializedAt === null ? faint('nothing to make yet') : good('fresh')
  const counts = (['failed', 'missing', 'stale'] as const).flatMap((name) => {
    const keys = partitions?.[name] ?? []
    return keys.length > 0 ? [`${displayCount(keys.length)} ${name}`] : []
  })
  const why =
    reason && !/^(is missing|was never)/.test(reason)
      ? `: ${cut(errorWords(reason, asset.name), 80)}`
      : ''
  const words = `${[...(state === 'late' ? ['late'] : []), ...counts].join(', ') || state}${why}`
  const paint = state === 'failed' ? bad : notable
  return `${paint(words)}${asset.automatic ? '' : faint(' (not by itself)')}`
}

function summary(found: readonly AssetOverview[]): string {
  const fresh = found.filter(({ state }) => state === 'fresh').length
  const others = found.length - fresh
  const hint = faint('One in detail: recoup assets fact_fee')
  if (others === 0) return `${several(found.length, 'asset')}, all fresh. ${hint}`
  return (
    `${several(found.length, 'asset')}, ${others} of them not fresh. ` +
    `${faint('To bring them up to date: recoup run.')} ${hint}`
  )
}
