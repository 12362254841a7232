import type { Asset, Readable } from '#kit/asset.ts'

/** The names of what an asset is derived from; a source comes from outside and reads none. */
export function readsOf(asset: Asset): string[] {
  const reads: readonly Readable[] = asset.kind === 'model' ? asset.reads : []
  return [...new Set(reads.map(({ name }) => name))]
}

/** The assets, each after all that it reads. */
export function inOrder(assets: readonly Asset[]): Asset[] {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  if (byName.size < assets.length) throw new Error(`${twice(assets)} is defined twice. Rename one.`)

  const ordered = new Set<Asset>()
  const visit = (asset: Asset, path: string[]) => {
    if (ordered.has(asset)) return
    if (path.includes(asset.name))
      throw new Error(
        `Assets read each other in a circle: ${[...path, asset.name].join(' <- ')}. ` +
          'Let one of them read what the other reads instead.',
      )
    for (const name of readsOf(asset)) {
      const upstream = byName.get(name)
      if (!upstream)
        throw new Error(
          `${asset.name} reads ${name}, which is not among the assets. ` +
            'Add it to the list in pipelines/sources.ts or models/models.ts.',
        )
      visit(upstream, [...path, asset.name])
    }
    ordered.add(asset)
  }
  for (const asset of assets) visit(asset, [])
  return [...ordered]
}

/** The names given and those of everything derived from them, in the order of the assets. */
export function withDownstream(ordered: readonly Asset[], names: Iterable<string>): Asset[] {
  const reached = new Set(names)
  return ordered.filter((asset) => {
    if (readsOf(asset).some((name) => reached.has(name))) reached.add(asset.name)
    return reached.has(asset.name)
  })
}

function twice(assets: readonly Asset[]): string | undefined {
  const names = assets.map(({ name }) => name)
  return names.find((name, index) => names.indexOf(name) < index)
}
