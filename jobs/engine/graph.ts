import type { Asset, Readable } from '#kit/asset.ts'
import type { Mapping } from '#kit/partitions/mapping.ts'

/** What an asset reads; a source comes from outside and reads none. */
function readablesOf(asset: Asset): readonly Readable[] {
  return asset.kind === 'source' ? [] : asset.reads
}

/** Which partitions of what is read go into one of the reader's. */
export function mappingOf({ mapping }: Readable): Mapping {
  return mapping ?? { kind: 'overlap' }
}

/** The names of what an asset is derived from. */
export function readsOf(asset: Asset): string[] {
  return [...new Set(readablesOf(asset).map(({ name }) => name))]
}

/** The assets, each after all that it reads. */
export function inOrder(assets: readonly Asset[]): Asset[] {
  return unitsOf(assets).flatMap(({ outputs }) => outputs)
}

/**
 * What one step materializes: an asset, or several that say they belong together. Units, not assets,
 * are what runs are planned of.
 */
export interface Unit {
  /** The asset's name, or the word its assets have in common. */
  name: string
  /** Each after those of the same unit that it reads. */
  outputs: readonly Asset[]
  /** What it reads from outside itself, each once. */
  reads: readonly Readable[]
  /** The units of what it reads. */
  upstream: ReadonlySet<string>
}

/** The unit's say in how it runs: that of its first asset, which the others share. */
export function leadOf({ outputs }: Unit): Asset {
  return outputs[0]!
}

/**
 * The units of assets, each after those it reads from. What an asset reads must be among them, unless
 * they are a `part`: then what lies outside counts as being there.
 */
export function unitsOf(assets: readonly Asset[], { part = false } = {}): Unit[] {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  if (byName.size < assets.length) throw new Error(`${twice(assets)} is defined twice. Rename one.`)
  if (!part) for (const asset of assets) requireReads(asset, byName)

  const groups = Map.groupBy(assets, unitName)
  const ordered = new Map<string, Unit>()
  const visit = (name: string, path: string[]) => {
    if (ordered.has(name)) return
    if (path.includes(name)) throw new Error(circle([...path, name]))
    const unit = unitOf(name, groups.get(name)!, byName)
    for (const upstream of unit.upstream) visit(upstream, [...path, name])
    ordered.set(name, unit)
  }
  for (const name of groups.keys()) visit(name, [])
  return [...ordered.values()]
}

/** The names given and those of every unit derived from them, in the order of the units. */
export function withDownstream(ordered: readonly Unit[], names: Iterable<string>): Unit[] {
  const reached = new Set(names)
  return ordered.filter(({ name, upstream }) => {
    if ([...upstream].some((up) => reached.has(up))) reached.add(name)
    return reached.has(name)
  })
}

function unitName(asset: Asset): string {
  return asset.together ?? asset.name
}

function unitOf(name: string, members: readonly Asset[], byName: ReadonlyMap<string, Asset>): Unit {
  const outputs = membersInOrder(members)
  const own = new Set(outputs.map((output) => output.name))
  const outside = outputs.flatMap(readablesOf).filter((read) => !own.has(read.name))
  const reads = [...new Map(outside.map((read) => [read.name, read])).values()]
  const [lead, ...others] = outputs
  for (const other of others)
    if (JSON.stringify(other.partitionedBy) !== JSON.stringify(lead?.partitionedBy))
      throw new Error(
        `${lead?.name} and ${other.name} are materialized together ("${name}") and must be ` +
          'partitioned alike. Give both the same partitionedBy, or part them.',
      )
  const known = reads.flatMap((read) => byName.get(read.name) ?? [])
  return { name, outputs, reads, upstream: new Set(known.map(unitName)) }
}

function membersInOrder(members: readonly Asset[]): Asset[] {
  const byName = new Map(members.map((member) => [member.name, member]))
  const ordered = new Set<Asset>()
  const visit = (member: Asset, path: string[]) => {
    if (path.includes(member.name)) throw new Error(circle([...path, member.name]))
    for (const name of readsOf(member)) {
      const upstream = byName.get(name)
      if (upstream && !ordered.has(upstream)) visit(upstream, [...path, member.name])
    }
    ordered.add(member)
  }
  for (const member of members) visit(member, [])
  return [...ordered]
}

function requireReads(asset: Asset, byName: ReadonlyMap<string, Asset>): void {
  const missing = readsOf(asset).find((name) => !byName.has(name))
  if (missing)
    throw new Error(
      `${asset.name} reads ${missing}, which is not among the assets. ` +
        'Add it to the list in pipelines/sources.ts or models/models.ts.',
    )
}

function circle(path: readonly string[]): string {
  return (
    `Assets read each other in a circle: ${path.slice(path.indexOf(path.at(-1)!)).join(' <- ')}. ` +
    'Let one of them read what the other reads instead.'
  )
}

function twice(assets: readonly Asset[]): string | undefined {
  const names = assets.map(({ name }) => name)
  return names.find((name, index) => names.indexOf(name) < index)
}
