import type { AssetColumns, ColumnLineage } from './columns.ts'
import type { How } from './origin.ts'

/** A column with the columns it comes from, and these with theirs, down to the feeds. */
export interface Trace {
  column: string
  /** How the column below comes from it; null for the one that was asked about. */
  how: How | null
  certainty: ColumnLineage['certainty']
  because: string | null
  /** Columns that decide which rows of its table there are, besides those it comes from. */
  conditions: string[]
  from: Trace[]
  /** Whether it stands further up, with what it comes from. */
  isAbove: boolean
}

/** Traces a column back through all tables; what comes up again is not traced again. */
export function trace(column: string, tables: ReadonlyMap<string, AssetColumns>): Trace {
  const seen = new Set<string>()
  const follow = (name: string, how: How | null): Trace => {
    const dot = name.lastIndexOf('.')
    const table = tables.get(name.slice(0, dot))
    const found = table?.columns.find((each) => each.name === name.slice(dot + 1))
    if (!table || !found) throw new Error(`There is no column ${name} to trace.`)
    const own = found.from.map((each) => each.column)
    const isAbove = seen.has(name) && own.length > 0
    seen.add(name)
    return {
      column: name,
      how,
      certainty: found.certainty,
      because: found.because,
      conditions: table.conditions.filter((condition) => !own.includes(condition)),
      from: isAbove ? [] : found.from.map((each) => follow(each.column, each.how)),
      isAbove,
    }
  }
  return follow(column, null)
}
