import type { AssetDetail, CheckOverview } from '../../engine/overview/asset.ts'
import { rangesOf } from '../../engine/overview/ranges.ts'
import { fileOf } from '../../asset-file.ts'
import { bad, bold, faint, good, notable } from '../../terminal/colour.ts'
import { indent } from '../../terminal/table.ts'
import { displayCount, displayInstant, printable, several } from '../../terminal/values.ts'
import { overviewJson, standing } from './asset-list.ts'
import { partitionWords } from './words.ts'

/** One asset, for programs. */
export function detailJson(detail: AssetDetail) {
  const { asset, partitions, checks, reads, readBy } = detail
  const { description, grain, retry, timeoutMinutes, freshHours, batch, contract } = asset
  const ranges = (keys: readonly string[]) => rangesOf(asset.partitionedBy, keys)
  return {
    ...overviewJson(detail),
    description,
    file: fileOf(asset) ?? null,
    grain,
    columns: Object.keys(contract.shape),
    partitionedBy: asset.partitionedBy,
    ranges: partitions && {
      materialized: ranges(partitions.materialized),
      missing: ranges(partitions.missing),
      stale: ranges(partitions.stale),
      failed: ranges(partitions.failed),
    },
    reads,
    readBy,
    batch,
    retry,
    timeoutMinutes,
    freshHours,
    checks,
  }
}

/** One asset as a page. */
export function detailWords(detail: AssetDetail): string {
  const { asset, reads, readBy, checks } = detail
  const facts = [
    ['Kind', kindWords(detail)],
    ['File', fileOf(asset) ?? ''],
    ['One row per', asset.grain.join(', ')],
    ['Reads', reads.join(', ')],
    ['Read by', readBy.join(', ') || faint('nothing')],
    ['State', standing(detail)],
    ['Materialized', materializedWords(detail)],
    ...partitionFacts(detail),
    ['Fresh', freshWords(detail)],
    ['Owner', asset.owner ?? ''],
    ['Tags', asset.tags.join(', ')],
    ['Runs', runWords(detail)],
  ]
  const lines = facts.flatMap(([name = '', fact]) =>
    fact ? [`${bold(name.padEnd(14))}${fact}`] : [],
  )
  return [
    bold(asset.name),
    asset.description,
    '',
    ...lines,
    ...(checks.length > 0 ? ['', bold('Checks'), ...checks.map(checkWords)] : []),
  ].join('\n')
}

function kindWords({ asset, unit }: AssetDetail): string {
  const others = unit.outputs.filter((other) => other !== asset).map(({ name }) => name)
  const words = { source: 'source: a feed', model: 'model: a query', computed: 'computed by code' }
  return `${words[asset.kind]}${others.length > 0 ? `, together with ${others.join(', ')}` : ''}`
}

function materializedWords({ materializedAt, rows }: AssetDetail): string {
  if (!materializedAt) return 'never'
  const count = rows === null ? '' : `, ${several(rows, 'row')}`
  return `${displayInstant(materializedAt)}${count}`
}

function partitionFacts({ asset, partitions }: AssetDetail): string[][] {
  if (!partitions || !asset.partitionedBy) return []
  const by = asset.partitionedBy
  const { expected, materialized, missing, stale, failed } = partitions
  const line = (name: string, keys: readonly string[], paint: (words: string) => string) =>
    keys.length > 0
      ? [['', `${paint(`${name} ${displayCount(keys.length)}`)}: ${partitionWords(by, keys)}`]]
      : []
  const head = `${displayCount(expected.length)} expected, by ${dimensionWords(by)}`
  return [
    ['Partitions', head],
    ...line('done', materialized, good),
    ...line('missing', missing, notable),
    ...line('stale', stale, notable),
    ...line('failed', failed, bad),
  ]
}

function dimensionWords(by: NonNullable<AssetDetail['asset']['partitionedBy']>): string {
  return Object.entries(by)
    .map(([column, dimension]) =>
      dimension.kind === 'fixed'
        ? `${column} (${several(dimension.values.length, 'value')})`
        : `${column} (${dimension.unit}s of ${dimension.zone}${dimension.from ? ` from ${dimension.from}` : ''})`,
    )
    .join(' and ')
}

function freshWords({ asset, freshness }: AssetDetail): string {
  if (asset.freshHours === null) return ''
  const promise = `within ${several(asset.freshHours, 'hour')}`
  if (!freshness || freshness.state === 'none') return promise
  const { since, expected } = freshness
  const what = expected ? `${expected} ` : ''
  if (since) return `${promise}: ${bad(`late, ${what}was due ${displayInstant(since)}`)}`
  return `${promise}: ${good('in time')}`
}

function runWords({ asset }: AssetDetail): string {
  const { automatic, pool, retry, timeoutMinutes, batch, partitionedBy } = asset
  return [
    automatic ? 'by itself, when what it reads has changed' : 'only when asked',
    `pool ${pool}`,
    `up to ${several(retry.limit, 'attempt')}`,
    `${several(timeoutMinutes, 'minute')} each`,
    ...(partitionedBy && batch > 1 ? [`${several(batch, 'partition')} in a step`] : []),
  ].join(', ')
}

function checkWords(check: CheckOverview): string {
  const { name, severity, checkedAt, brokenParts, partition, broken, sample, because } = check
  if (!checkedAt) return `  ${faint('·')} ${name} ${faint('(never run)')}`
  if (broken === 0) return `  ${good('✓')} ${name}`
  const [mark, paint] =
    severity === 'error' ? ([bad('✗'), bad] as const) : ([notable('!'), notable] as const)
  const where = partition ? ` in ${partition}` : ''
  const more = brokenParts > 1 ? `, and in ${several(brokenParts - 1, 'other partition')}` : ''
  const [row] = sample
  return [
    `  ${mark} ${name}: ${paint(`${several(broken, 'row')} ${broken === 1 ? 'breaks' : 'break'} it${where}${more}`)}`,
    indent(faint(because), 6),
    ...(row ? [indent(printable(`such as ${JSON.stringify(row)}`), 6)] : []),
  ].join('\n')
}
