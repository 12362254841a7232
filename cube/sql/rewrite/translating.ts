import { randomBytes } from 'node:crypto'
import type { Node, SelectStmt } from 'libpg-query'
import type { DoorQuery, DoorSql } from '../../server/sql-door.ts'
import type { View } from './model.ts'
import { column } from './tree.ts'

/** Asks Cube for the SQL of a query: by `aliases` (member to column) and with `params` to be put in. */
export type AskCube = (
  query: DoorQuery,
  aliases: Record<string, string>,
  params: string[],
) => Promise<Pick<DoorSql, 'sql' | 'values'>>

/** The translation of one text, while it is made. */
export interface Translating {
  /** The views that the user may read, by name. */
  views: Map<string, View>
  /** The name of the warehouse's database, which some tools put before the schema. */
  database: string
  user: string
  askCube: AskCube
  /** A query that prints as `SELECT <mark>`, in whose place `sql` comes at the end. */
  splice(sql: string): { SelectStmt: SelectStmt }
  /** The printed text with all that was spliced in its place. */
  unsplice(printed: string): string
  notices: Set<string>
  viewsRead: Set<string>
}

/** The queries of WITH clauses by name; one that is not a plain projection of a view is null. */
export type Scope = Map<string, Projection | null>

/** A query that only picks columns of a view, and what the names in it mean. */
export interface Projection {
  query: SelectStmt
  scope: Scope
}

export function startTranslating(
  given: Pick<Translating, 'views' | 'database' | 'user' | 'askCube'>,
): Translating {
  // Nobody can name a mark in advance, so no text of the user's is taken for one.
  const mark = `spliced_${randomBytes(8).toString('hex')}_`
  const marks = new RegExp(`SELECT ${mark}(\\d+)_`, 'g')
  const spliced: string[] = []
  return {
    ...given,
    notices: new Set(),
    viewsRead: new Set(),
    splice(sql) {
      const index = spliced.push(sql) - 1
      const val: Node = column(`${mark}${index}_`)
      return {
        SelectStmt: {
          targetList: [{ ResTarget: { val } }],
          limitOption: 'LIMIT_OPTION_DEFAULT',
          op: 'SETOP_NONE',
        },
      }
    },
    unsplice(printed) {
      let sql = printed
      // A spliced query may have spliced ones inside; each round goes one level deeper.
      while (marks.test(sql)) sql = sql.replace(marks, (_, index) => spliced[Number(index)] ?? '')
      return sql
    },
  }
}

/** Whether a column is the mark of a spliced query. */
export function isSpliced(name: string): boolean {
  return /^spliced_[0-9a-f]{16}_\d+_$/.test(name)
}
