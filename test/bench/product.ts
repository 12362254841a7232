/** What is measured and tormented: the function behind `recoup ingest`, for one file. */
import type { Source } from '#kit/asset.ts'
import { type FileLoad, loadFile } from '#kit/load/load-file.ts'
import { connect } from '#jobs/postgres/pool.ts'

/** A loader that is connected and waits for a file. */
export interface Product extends AsyncDisposable {
  load: (path: string) => Promise<FileLoad>
}

export interface ProductOptions {
  /** Where it may keep what makes the next load faster. */
  cache: string
  /** Rows in a transaction, instead of its own choice. */
  batchRows?: number | undefined
}

export async function openProduct(
  url: string,
  source: Source,
  _options: ProductOptions,
): Promise<Product> {
  const connection = connect(url, { max: 2 })
  const client = await connection.pool.connect()
  return {
    async load(path) {
      await client.query('begin')
      const load = await loadFile(client, source, path)
      await client.query('commit')
      return load
    },
    async [Symbol.asyncDispose]() {
      client.release()
      await connection.close()
    },
  }
}
