import { createHash } from 'node:crypto'

import type { Asset, Computed, Model } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

import { compileOnly } from './compile-only.ts'
import { FinalError, messageOf } from './errors.ts'

const known = new WeakMap<Asset, string>()

/**
 * Changes when an asset's columns, SQL or checks change, so that it is built and judged anew.
 * Null for a source: its rows come from files, and new code brings no new files.
 */
export function codeVersion(asset: Asset): string | null {
  if (asset.kind === 'source') return null
  const found = known.get(asset) ?? hashOf(asset)
  known.set(asset, found)
  return found
}

function hashOf(asset: Computed | Model): string {
  const own = asset.kind === 'model' ? [asset.query] : []
  const compiled = [...own, ...asset.checks.map(({ broken }) => broken)].map((query) =>
    sqlOf(asset, query),
  )
  // Code cannot be compared; it says of itself which it is.
  const said = asset.kind === 'computed' ? [asset.version] : []
  return createHash('sha256')
    .update(JSON.stringify([Object.keys(asset.contract.shape), compiled, ...said]))
    .digest('hex')
    .slice(0, 16)
}

function sqlOf({ name }: Asset, query: Model['query']): unknown[] {
  try {
    const { sql, parameters } = query(compileOnly, whole).compile()
    return [sql, [...parameters]]
  } catch (cause) {
    throw new FinalError(
      `${name} has a query, or a check, that cannot be compiled for the whole table: ` +
        `${messageOf(cause)}. A slice may be the whole, which has no days: let inSlice() say what is in it.`,
      { cause },
    )
  }
}
