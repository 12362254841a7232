/** What is measured and tormented: the function behind `recoup ingest`, for one file. */
import type { Source } from '#kit/asset.ts'
import { batchSize } from '#kit/load/landing.ts'
import { type FileLoad, loadFile } from '#kit/load/load-file.ts'
import { connect } from '#jobs/postgres/pool.ts'

/** A loader that is connected and waits for a file. */
export interface Product extends AsyncDisposable {
  load: (path: string, onProgress?: () => void) => Promise<FileLoad>
}

export interface ProductOptions {
  /** Where it may keep what makes the next load faster. */
  cache: string
  /** Rows in a transaction, instead of its own choice; then also an empty table is loaded in batches. */
  batchRows?: number | undefined
}

export async function openProduct(
  url: string,
  source: Source,
  { cache, batchRows }: ProductOptions,
): Promise<Product> {
  const connection = connect(url, { max: 2 })
  // The session that a load begins with.
  await connection.pool.query('select 1')
  const small = batchRows !== undefined && {
    batch: { ...batchSize, rows: batchRows },
    backfillBytes: 0,
  }
  return {
    load: (path, onProgress) =>
      loadFile(connection.pool, source, path, { keysFolder: cache, onProgress, ...small }),
    [Symbol.asyncDispose]: connection.close,
  }
}
