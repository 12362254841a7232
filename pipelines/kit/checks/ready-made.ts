/** What all ready-made checks have in common. */
import { type Expression, type Kysely, type RawBuilder, sql, type SqlBool } from 'kysely'

import type { AnyDatabase, Check, RowsQuery } from '../asset.ts'
import { inSlice, type SliceColumns } from '../partitions/in-slice.ts'
import type { Slice } from '../partitions/slice.ts'

/** A database that has at least this table with at least these columns. */
export type Has<Table extends string, Column extends string, Value = unknown> = {
  readonly [T in Table]: { readonly [C in Column]: Value }
}

/** What every ready-made check says by itself and lets its user say better. */
export interface Wording {
  /** The rule as a sentence. */
  name?: string
  /** 'error' when left out. */
  severity?: 'error' | 'warning'
  /** What would silently go wrong without it. */
  because?: string
}

/** Of checks that count rows. */
export interface Counting<Column extends string> extends Wording {
  /** What the rows counted are called, such as 'contacts'; 'rows' when left out. */
  counted?: string
  /** Which columns say that a row is in the slice. Left out: all rows are looked at. */
  slice?: SliceColumns<Column>
}

/** A check, in its user's words where there are any. */
export function worded(
  said: { name: string; because: string },
  { name, severity, because }: Wording,
  broken: (db: Kysely<AnyDatabase>, slice: Slice) => RawBuilder<object>,
): Check<AnyDatabase> {
  return {
    name: name ?? said.name,
    severity: severity ?? 'error',
    because: because ?? said.because,
    broken: (db, slice) => rowsOf(db, broken(db, slice)),
  }
}

/** Whether a row is in the slice, by names of columns. */
export function within(
  columns: SliceColumns<string> | undefined,
  slice: Slice,
): Expression<SqlBool> {
  const named = Object.entries(columns ?? {}).map(([kind, column]) => [kind, sql.ref(column)])
  return inSlice(Object.fromEntries(named), slice)
}

/** SQL text that yields rows, as a query that can be compiled. */
const rowsOf = (db: Kysely<AnyDatabase>, text: RawBuilder<object>): RowsQuery<object> =>
  db.selectFrom(sql<object>`(${text})`.as('broken')).selectAll()
