import type { Asset } from '#kit/asset.ts'
import { listed, nearestFirst } from '#kit/words.ts'

import { type Unit, unitsOf, withDownstream } from './graph.ts'

/** How a selection is typed, for help and errors. */
const selectionSyntax =
  'fact_fee, +fact_fee (with what it reads), fact_fee+ (with what derives from it), ' +
  'tag:fees, path:models/fees, owner:finance, several with a space or comma'

/** Nothing is called so. */
export class UnknownSelection extends Error {}

/**
 * The units that a selection means, in their order: names with or without schema and with `*`, `tag:`,
 * `owner:` and `path:`, each with `+` before it for all upstream and after it for all downstream.
 * `files` says in which file an asset is defined.
 */
export function select(
  selection: string,
  assets: readonly Asset[],
  files: (asset: Asset) => string | undefined = () => undefined,
): Unit[] {
  const units = unitsOf(assets)
  const chosen = new Set<string>()
  for (const word of selection.split(/[\s,]+/).filter(Boolean)) {
    const [, up, core = '', down] = /^(\+?)(.*?)(\+?)$/.exec(word) ?? []
    const seeds = units.filter(({ outputs }) => outputs.some(matcher(core, files)))
    if (seeds.length === 0) throw new UnknownSelection(unknown(core, assets, files))
    for (const { name } of seeds) chosen.add(name)
    if (up) for (const name of withUpstream(units, seeds)) chosen.add(name)
    if (!down) continue
    const names = seeds.map(({ name }) => name)
    for (const { name } of withDownstream(units, names)) chosen.add(name)
  }
  if (chosen.size === 0)
    throw new UnknownSelection(`Nothing is selected. A selection is: ${selectionSyntax}.`)
  return units.filter(({ name }) => chosen.has(name))
}

function matcher(core: string, files: (asset: Asset) => string | undefined) {
  const [, method, value = ''] = /^(tag|path|owner):(.+)$/.exec(core) ?? []
  if (method === 'tag') return ({ tags }: Asset) => tags.includes(value)
  if (method === 'owner') return ({ owner }: Asset) => owner === value
  if (method === 'path') {
    const folder = value.replace(/\/$/, '')
    return (asset: Asset) => {
      const file = files(asset)
      return file === folder || file?.startsWith(`${folder}/`) === true
    }
  }
  const pattern = new RegExp(`^(\\w+\\.)?${core.split('*').map(escaped).join('.*')}$`)
  return ({ name, together }: Asset) =>
    pattern.test(name) || (together !== null && pattern.test(together))
}

function escaped(text: string): string {
  return text.replaceAll(/[.\\+?^${}()|[\]]/g, String.raw`\$&`)
}

function withUpstream(units: readonly Unit[], seeds: readonly Unit[]): Set<string> {
  const reached = new Set(seeds.map(({ name }) => name))
  for (const { name, upstream } of units.toReversed())
    if (reached.has(name)) for (const up of upstream) reached.add(up)
  return reached
}

function unknown(
  core: string,
  assets: readonly Asset[],
  files: (asset: Asset) => string | undefined,
): string {
  const [, method] = /^(tag|path|owner):/.exec(core) ?? []
  if (method === 'tag' || method === 'owner') {
    const words = assets.flatMap(({ tags, owner }) => (method === 'tag' ? tags : (owner ?? [])))
    const known = words.length > 0 ? listed([...new Set(words)]) : 'none yet'
    return `No asset has ${method} "${core.slice(method.length + 1)}". There are: ${known}.`
  }
  if (method === 'path') {
    const folders = new Set(assets.flatMap((asset) => files(asset)?.replace(/\/[^/]*$/, '') ?? []))
    const near = nearestFirst(core.slice(5), [...folders]).slice(0, 3)
    return `No asset is defined below ${core.slice(5)}. Nearest: ${near.join(', ')}`
  }
  const names = assets.map(({ name }) => name)
  const near = nearestFirst(core.includes('.') ? core : `mart.${core}`, names).slice(0, 3)
  return `There is no asset "${core}". Nearest: ${near.join(', ')}. All of them: recoup assets`
}
