import { nearestFirst } from '#kit/words.ts'

import { UsageError } from '../terminal/mistakes.ts'

/** The one that is meant by a name with or without its schema. */
export function findNamed(typed: string, names: readonly string[]): string {
  if (names.includes(typed)) return typed
  const called = names.filter((name) => withoutSchema(name) === typed)
  // A cube has the name of its table; the table is meant.
  const tables = called.filter((name) => !name.startsWith('cube.'))
  const [found, ...others] = tables.length > 0 ? tables : called
  if (found !== undefined && others.length === 0) return found
  if (found !== undefined)
    throw new UsageError(`"${typed}" may be ${[found, ...others].join(' or ')}. Type which.`)
  const compare = typed.includes('.') ? names : names.map(withoutSchema)
  const near = nearestFirst(typed, compare).slice(0, 3)
  throw new UsageError(
    `There is no table "${typed}". Nearest: ${near.join(', ')}. All of them: recoup lineage`,
  )
}

/** `fact_fee.status` -> its table and column, as `columns` has them. */
export function findColumn(
  typed: string,
  columns: ReadonlyMap<string, readonly string[]>,
): { table: string; column: string } {
  const dot = typed.lastIndexOf('.')
  if (dot === -1)
    throw new UsageError(
      `--column ${typed}: it needs its table, such as mart.fact_fee.${typed}. ` +
        tablesWith(typed, columns),
    )
  const table = findNamed(typed.slice(0, dot), [...columns.keys()])
  const [column, known] = [typed.slice(dot + 1), columns.get(table) ?? []]
  if (known.includes(column)) return { table, column }
  throw new UsageError(
    `${table} has no column "${column}". Nearest: ${nearestFirst(column, known).slice(0, 3).join(', ')}. ` +
      `All of them: recoup lineage ${table} --columns`,
  )
}

function tablesWith(column: string, columns: ReadonlyMap<string, readonly string[]>): string {
  const tables = [...columns].filter(([, known]) => known.includes(column)).map(([table]) => table)
  return tables.length === 0 ? 'No table has it.' : `It is a column of ${tables.join(', ')}.`
}

function withoutSchema(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}
