import { createHash } from 'node:crypto'

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

/** Compiles queries and can run none. */
const compileOnly = new Kysely<AnyDatabase>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/**
 * Changes when a model's columns, SQL or checks change, so that it is built and judged anew.
 * Null for a source: its rows come from files, and new code brings no new files.
 */
export function codeVersion(asset: Asset): string | null {
  if (asset.kind === 'source') return null
  const own = asset.kind === 'model' ? [asset.query] : []
  const compiled = [...own, ...asset.checks.map(({ broken }) => broken)].map((query) => {
    const { sql, parameters } = query(compileOnly, whole).compile()
    return [sql, parameters]
  })
  return createHash('sha256')
    .update(JSON.stringify([Object.keys(asset.contract.shape), compiled, ...versionOf(asset)]))
    .digest('hex')
    .slice(0, 16)
}

/** What code says of itself, since it cannot be compared. */
function versionOf(asset: Asset): string[] {
  return asset.kind === 'computed' ? [asset.version] : []
}
