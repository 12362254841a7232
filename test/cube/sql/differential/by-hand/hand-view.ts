/** A view by hand: its rows straight from the facts, and what its measures mean over them. */
export interface HandView {
  name: string
  /** SQL of the rows, with a column for each dimension and whatever the measures need. */
  rows: string
  dimensions: HandDimension[]
  measures: HandMeasure[]
}

export interface HandDimension {
  name: string
  type: 'text' | 'day' | 'bool' | 'int'
  /** Values that occur, and a few that do not. */
  values: string[]
  /** Tells nearly every row apart. */
  isId?: true
  /** Of what many rows refer to. */
  isReferred?: true
}

export interface HandMeasure {
  name: string
  /** The aggregate over a group of rows. */
  sql: string
  /** The value of one row, of what may be summed row by row. */
  row?: string
  /** A balance: summed over slices, not over days. */
  isBalance?: true
}

export function dimensions(
  type: HandDimension['type'],
  of: Record<string, string[]>,
): HandDimension[] {
  return Object.entries(of).map(([name, values]) => ({ name, type, values }))
}

export function sum(name: string, column: string): HandMeasure {
  return { name, sql: `COALESCE(SUM(${column}), 0)`, row: `COALESCE(${column}, 0)` }
}

export function count(name: string, condition: string): HandMeasure {
  return {
    name,
    sql: `COUNT(*) FILTER (WHERE ${condition})`,
    row: `CASE WHEN ${condition} THEN 1 ELSE 0 END`,
  }
}

export function ratio(name: string, part: string, whole: string): HandMeasure {
  return { name, sql: `(${part})::numeric / NULLIF(${whole}, 0)` }
}

/** Has a value where the rows are of exactly one snapshot. */
export function balance(name: string, sql: string): HandMeasure {
  return {
    name,
    sql: `CASE WHEN COUNT(DISTINCT snapshot_day) = 1 THEN ${sql} END`,
    isBalance: true,
  }
}

/** The measures that have a value for each row. */
export function additive(view: HandView): HandMeasure[] {
  return view.measures.filter(({ row }) => row !== undefined)
}
