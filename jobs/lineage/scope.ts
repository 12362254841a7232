import type { OperationNode } from 'kysely'

import { approximately, nowhere, oneOf, type Origin, unresolved } from './origin.ts'

/** The columns of a table, subquery or expression in FROM. */
export interface Columns {
  known: ReadonlyMap<string, Origin>
  /** Where any other column comes from; null: there is none. */
  others: Origin | null
}

/** Something in FROM, with the names it answers to. */
export interface Relation {
  names: readonly string[]
  columns: Columns
}

/** What a query may speak of: its own relations, then those of the queries around it. */
export interface Scope {
  relations: Relation[]
  /** What WITH has named. */
  named: Map<string, Columns>
  outer: Scope | null
}

/** What is found out while a query is read. */
export interface Reading {
  /** The tables that may be read. */
  tables: ReadonlyMap<string, Columns>
  /** What decides which rows there are: joins, filters, groups, order. */
  conditions: Origin[]
  /** All columns the query speaks of. */
  touched: Set<string>
  /** What a query inside the query yields. */
  outputs: (query: OperationNode, scope: Scope) => Columns
}

export function innerScope(outer: Scope | null): Scope {
  return { relations: [], named: new Map(), outer }
}

/** A table by its name: what WITH has named, or an asset that is read. */
export function tableNamed(name: string, scope: Scope | null, { tables }: Reading): Columns {
  for (let at = scope; at; at = at.outer) {
    const found = at.named.get(name)
    if (found) return found
  }
  const others = unresolved(`${name} is not among the tables it reads`)
  return tables.get(name) ?? { known: new Map(), others }
}

/** Where a column comes from, or undefined when there is none of that name. */
export function lookUp(scope: Scope | null, name: string, table?: string): Origin | undefined {
  if (!scope) return undefined
  const relations = scope.relations.filter(
    ({ names }) => table === undefined || names.includes(table),
  )
  const known = relations.flatMap(({ columns }) => columns.known.get(name) ?? [])
  if (known[0]) return known[0]
  const others = relations.flatMap(({ columns }) => columns.others ?? [])
  // A table's name hides the same name further out.
  if (table !== undefined && relations.length > 0) return others[0]
  const outer = lookUp(scope.outer, name, table)
  if (others.length === 0) return outer
  const origins = outer ? [...others, outer] : others
  return origins.length === 1
    ? others[0]
    : approximately(oneOf(origins), `"${name}" is of one of several tables`)
}

/** The same, noted as something the query speaks of. */
export function resolve(scope: Scope, reading: Reading, name: string, table?: string): Origin {
  const called = table === undefined ? name : `${table}.${name}`
  return touch(lookUp(scope, name, table) ?? unresolved(`no table has a column ${called}`), reading)
}

export function touch(origin: Origin, { touched }: Reading): Origin {
  for (const name of origin.from.keys()) touched.add(name)
  return origin
}

/** Every column of the relations that answer to a name, or of all. */
export function everyColumn(scope: Scope, reading: Reading, table?: string): Columns {
  const relations = scope.relations.filter(
    ({ names }) => table === undefined || names.includes(table),
  )
  const known = new Map<string, Origin>()
  for (const { columns } of relations)
    for (const [name, origin] of columns.known) known.set(name, touch(origin, reading))
  const others = relations.flatMap(({ columns }) => columns.others ?? [])
  if (relations.length === 0 && table !== undefined)
    return { known, others: unresolved(`no table is called ${table}`) }
  return { known, others: others[0] ?? null }
}

/** The origins of all columns. */
export function allOf({ known, others }: Columns): Origin[] {
  return [...known.values(), others ?? nowhere]
}
