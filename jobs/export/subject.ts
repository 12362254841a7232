import type { Column } from './column.ts'

/** What is exported: a table of the warehouse, or the answer to a question about a KPI. */
export interface Subject {
  /** `mart.fact_fee`, `recovery_cash_rate`. */
  name: string
  /** What follows `from` in SQL. */
  from: string
  columns: Column[]
  /** About the whole: what it is, how far its data reaches. */
  about: Record<string, string>
  /** What is not as a reader would assume, in sentences. */
  notes: string[]
  /** About how many rows; null when nobody knows. */
  rows: number | null
}

/** What was asked for, on the command line or in an address. */
export interface Asked {
  /** A table, a KPI or a family of KPIs. */
  name: string
  columns?: string | undefined
  by?: string | undefined
  where?: string[] | undefined
  week?: string | undefined
  from?: string | undefined
  to?: string | undefined
}
