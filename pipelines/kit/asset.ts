/** The words everything is said in: source, model, computed, check. Defining does nothing; a job runs it. */
import type { Compilable, Expression, Kysely } from 'kysely'
import type * as z from 'zod'
import type { Rule } from './rules/rule.ts'

import type { Connector } from './connect/connector.ts'
import type { PartitionedBy } from './partitions/dimension.ts'
import type { Mapping } from './partitions/mapping.ts'
import type { Slice } from './partitions/slice.ts'

/** A contract: what one row is, column by column. */
export type Contract = z.ZodObject

/** What others need to know of an asset to read it. */
export interface Readable<Name extends string = string, C extends Contract = Contract> {
  name: Name
  contract: C
  /** Of something read: which of its partitions; those that overlap when left out. */
  mapping?: Mapping
}

/** The Kysely database that holds exactly these assets. */
export type DatabaseOf<R extends readonly Readable[]> = {
  [A in R[number] as A['name']]: z.output<A['contract']>
}

/** Jobs run definitions without knowing their tables' types. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDatabase = any

type Column<C extends Contract> = Extract<keyof z.output<C>, string>

/** A query that yields rows of this shape and can be compiled to SQL. */
export type RowsQuery<Row> = Expression<Row> & Compilable<Row>

/** A rule about a table, as the query for the rows that break it. */
export interface Check<DB> {
  /** Never there: by it the compiler refuses, in few words, a check of what the asset does not have. */
  tables?: (tables: DB) => never
  /** The rule as a sentence: 'a fee is charged before it is collected'. */
  name: string
  /** An error rolls the load back; a warning is only recorded. */
  severity: 'error' | 'warning'
  /** What would silently go wrong without it. */
  because: string
  /**
   * Selects the rows that break the rule. Of a partitioned table those of the slice are enough; rows
   * that have the columns it is partitioned by are narrowed to the slice anyway.
   */
  broken: (db: Kysely<DB>, slice: Slice) => RowsQuery<object>
}

/** How often a step may fail, and how long it waits after the first failure; each next wait doubles. */
export interface Retry {
  limit: number
  backoffMs: number
}

/** How an asset is run and watched. All of it has a default. */
export interface Operation<Name extends string = string> {
  /** The columns whose values divide the table; left out: it is materialized as a whole. */
  partitionedBy?: { readonly [Key in Name]?: PartitionedBy[string] }
  /** At most so many partitions in one step of a backfill; 1 when left out. */
  batch?: number
  /** Assets with the same word here are materialized in one step: nobody sees one without the other. */
  together?: string
  /** The resource whose limits it shares, of jobs/pools.ts. */
  pool?: string
  retry?: Retry
  /** A step that takes longer fails, and is tried again. */
  timeoutMinutes?: number
  /**
   * It is late when so many hours after the end of its newest expected partition that partition is
   * not there; without partitions, so many hours after it was last materialized.
   */
  freshHours?: number
  /** Whether it is materialized by itself when missing or when what it reads has changed. */
  automatic?: boolean
  /** Who is told. */
  owner?: string
  /** Words to select it by: `tag:fees`. */
  tags?: readonly string[]
}

/** What all assets are, as jobs see them. */
interface Operated {
  description: string
  grain: readonly string[]
  distributeBy: string | null
  checks: readonly Check<AnyDatabase>[]
  partitionedBy: PartitionedBy | null
  batch: number
  together: string | null
  pool: string
  retry: Retry
  timeoutMinutes: number
  freshHours: number | null
  automatic: boolean
  owner: string | null
  tags: readonly string[]
}

/** A feed of the outside world, landed as it came: one raw table. */
export interface Source<Name extends string = string, C extends Contract = Contract>
  extends Readable<Name, C>, Operated {
  kind: 'source'
  /** Of two rows with the same grain the one with the greater version stays. Null: the later load wins. */
  version: string | null
  /** What must hold between the columns of a row. */
  rules: readonly Rule[]
  /** Turns one record of the file into contract records, for feeds that come wide. */
  reshape: ((record: Record<string, string>) => Record<string, string>[]) | null
  /** Where its files come from by themselves. Left out: somebody brings them. */
  from?: Connector
  /** A made-up record that keeps the contract, as a feed would write it. */
  example: Record<string, string>
}

/** A table derived from others by one query. */
export interface Model<Name extends string = string, C extends Contract = Contract>
  extends Readable<Name, C>, Operated {
  kind: 'model'
  reads: readonly Readable[]
  /** Of a partitioned table the rows of the slice are enough; others are left out anyway. */
  query: (db: Kysely<AnyDatabase>, slice: Slice) => RowsQuery<object>
}

/** What the code of a computed table is given. */
export interface ComputeContext {
  slice: Slice
  /** Aborted when the run is cancelled, the time is up or the worker closes. */
  signal: AbortSignal
  /** How far it is, from 0 to 1, and a few words. */
  progress: (fraction: number, note?: string) => void
  /** A line for `recoup logs`. */
  log: (message: string, data?: object) => void
}

/** What came of a computed table's load. */
export interface Computation {
  rows: number
  /** False if the table is as it was before; true when left out. */
  changed?: boolean
  metadata?: object
}

/** A table that code fills where one query cannot: a forecast, an answer of another system. */
export interface Computed<Name extends string = string, C extends Contract = Contract>
  extends Readable<Name, C>, Operated {
  kind: 'computed'
  reads: readonly Readable[]
  /** Says which code this is; another version makes the table stale. */
  version: string
  /** The slow part, outside any transaction. */
  extract: ((db: Kysely<AnyDatabase>, context: ComputeContext) => Promise<unknown>) | null
  /** Replaces the slice in a transaction that also holds the checks and the record of it. */
  load: (
    tx: Kysely<AnyDatabase>,
    extracted: unknown,
    context: ComputeContext,
  ) => Promise<Computation>
}

export type Asset = Source | Model | Computed

/** What is common to all definitions. `Reads` are what the checks may query besides the table itself. */
interface Definition<
  Name extends string,
  C extends Contract,
  Reads extends readonly Readable[],
> extends Operation<Column<C>> {
  name: Name
  description: string
  contract: C
  grain: readonly Column<C>[]
  distributeBy?: Column<C>
  checks?: readonly Check<DatabaseOf<[...Reads, Readable<Name, C>]>>[]
}

/** Declares a feed. Its raw table is `raw.<name>`; the feed is called by the part after the dot. */
export function source<const Name extends `raw.${string}`, C extends Contract>(
  definition: Definition<Name, C, []> & {
    version?: Column<C>
    rules?: readonly Rule<Column<C>>[]
    reshape?: (record: Record<string, string>) => Record<string, string>[]
    from?: Connector
    example: Record<Column<C>, string> | Record<string, string>
  },
): Source<Name, C> {
  const { version = null, rules = [], reshape = null } = definition
  return { ...definition, ...operated(definition), kind: 'source', version, rules, reshape }
}

/** Declares a table as a query over what it reads. `reads` types `db`: anything else does not compile. */
export function model<
  const Name extends `mart.${string}`,
  C extends Contract,
  const R extends readonly Readable[],
>(
  definition: Definition<Name, C, R> & {
    reads: R
    query: (db: Kysely<DatabaseOf<R>>, slice: Slice) => RowsQuery<z.output<C>>
  },
): Model<Name, C> {
  return { ...definition, ...operated(definition), kind: 'model' }
}

/**
 * Declares a table that code fills. `extract` fetches or works out what is slow, outside any
 * transaction; `load` replaces the slice with it, in the transaction of its checks.
 */
export function computed<
  const Name extends `mart.${string}`,
  C extends Contract,
  const R extends readonly Readable[],
  Extracted = undefined,
>(
  definition: Definition<Name, C, R> & {
    reads: R
    version: string
    extract?: (db: Kysely<DatabaseOf<R>>, context: ComputeContext) => Promise<Extracted>
    load: (
      tx: Kysely<DatabaseOf<[...R, Readable<Name, C>]>>,
      extracted: Extracted,
      context: ComputeContext,
    ) => Promise<Computation>
  },
): Computed<Name, C> {
  const { extract, load } = definition
  return {
    ...definition,
    ...operated(definition),
    kind: 'computed',
    extract: extract ?? null,
    load: load as Computed['load'],
  }
}

/** The defaults of all that need not be said. */
function operated(
  definition: Operation & {
    description: string
    grain: readonly string[]
    distributeBy?: string
    checks?: readonly Check<AnyDatabase>[]
  },
): Operated {
  const { partitionedBy } = definition
  return {
    description: definition.description,
    grain: definition.grain,
    distributeBy: definition.distributeBy ?? null,
    checks: definition.checks ?? [],
    partitionedBy: partitionedBy ? (partitionedBy as PartitionedBy) : null,
    batch: definition.batch ?? 1,
    together: definition.together ?? null,
    pool: definition.pool ?? 'warehouse',
    retry: definition.retry ?? { limit: 5, backoffMs: 500 },
    timeoutMinutes: definition.timeoutMinutes ?? 120,
    freshHours: definition.freshHours ?? null,
    automatic: definition.automatic ?? true,
    owner: definition.owner ?? null,
    tags: definition.tags ?? [],
  }
}
