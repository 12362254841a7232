/** The three words everything is said in: source, model, check. Defining does nothing; a job runs it. */
import type { Compilable, Expression, Kysely } from 'kysely'
import type * as z from 'zod'
import type { Rule } from './rules/rule.ts'

import type { Connector } from './connect/connector.ts'

/** A contract: what one row is, column by column. */
export type Contract = z.ZodObject

/** What others need to know of an asset to read it. */
export interface Readable<Name extends string = string, C extends Contract = Contract> {
  name: Name
  contract: C
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
  /** The rule as a sentence: 'a fee is charged before it is collected'. */
  name: string
  /** An error rolls the load back; a warning is only recorded. */
  severity: 'error' | 'warning'
  /** What would silently go wrong without it. */
  because: string
  /** Selects the rows that break the rule. */
  broken: (db: Kysely<DB>) => RowsQuery<object>
}

/** A feed of the outside world, landed as it came: one raw table. */
export interface Source<
  Name extends string = string,
  C extends Contract = Contract,
> extends Readable<Name, C> {
  kind: 'source'
  description: string
  grain: readonly string[]
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
  /** The column Citus would distribute the table by; null: a reference table. */
  distributeBy: string | null
  checks: readonly Check<AnyDatabase>[]
}

/** A table derived from others by one query. */
export interface Model<
  Name extends string = string,
  C extends Contract = Contract,
> extends Readable<Name, C> {
  kind: 'model'
  description: string
  grain: readonly string[]
  reads: readonly Readable[]
  query: (db: Kysely<AnyDatabase>) => RowsQuery<object>
  distributeBy: string | null
  checks: readonly Check<AnyDatabase>[]
}

export type Asset = Source | Model

/** Declares a feed. Its raw table is `raw.<name>`; the feed is called by the part after the dot. */
export function source<const Name extends `raw.${string}`, C extends Contract>(definition: {
  name: Name
  description: string
  contract: C
  grain: readonly Column<C>[]
  version?: Column<C>
  rules?: readonly Rule<Column<C>>[]
  reshape?: (record: Record<string, string>) => Record<string, string>[]
  from?: Connector
  example: Record<Column<C>, string> | Record<string, string>
  distributeBy?: Column<C>
  checks?: readonly Check<DatabaseOf<[Readable<Name, C>]>>[]
}): Source<Name, C> {
  const {
    version = null,
    rules = [],
    reshape = null,
    distributeBy = null,
    checks = [],
  } = definition
  return { ...definition, kind: 'source', version, rules, reshape, distributeBy, checks }
}

/** Declares a table as a query over what it reads. `reads` types `db`: anything else does not compile. */
export function model<
  const Name extends `mart.${string}`,
  C extends Contract,
  const R extends readonly Readable[],
>(definition: {
  name: Name
  description: string
  contract: C
  grain: readonly Column<C>[]
  reads: R
  query: (db: Kysely<DatabaseOf<R>>) => RowsQuery<z.output<C>>
  distributeBy?: Column<C>
  checks?: readonly Check<DatabaseOf<[...R, Readable<Name, C>]>>[]
}): Model<Name, C> {
  const { distributeBy = null, checks = [] } = definition
  return { ...definition, kind: 'model', distributeBy, checks }
}
