import type { Kysely } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import type { AnyDatabase, Source } from '#kit/asset.ts'

import type { Progress } from './progress.ts'

/** What the slow part of a load is given. */
export interface FetchContext {
  db: Kysely<AnyDatabase>
  /** For work that is committed whether or not the step is. */
  pool: Pool
  /** Aborted when the run is cancelled, the time is up or the worker closes: stop soon. */
  signal: AbortSignal
  progress: Progress
}

/** What a load did to its table. */
export interface Loaded {
  /** Rows read or written, as the asset counts them. */
  rows: number
  /** False if the table is as it was before: then nothing derived from it need run. */
  changed: boolean
  metadata: object
  /** Of a partitioned source: the partitions that have new or other rows. */
  touched?: readonly string[]
}

/** How feeds come in: what came is fetched and loaded, then published in the step's transaction. */
export interface Intake {
  fetch(source: Source, context: FetchContext): Promise<unknown>
  publish(
    tx: Kysely<AnyDatabase>,
    source: Source,
    // What fetch gave.
    // oxlint-disable-next-line typescript/no-explicit-any
    fetched: any,
    /** The connection the transaction runs on. */
    context: { client: PoolClient },
  ): Promise<Loaded>
}
