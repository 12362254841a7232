/** One column that leaves the warehouse. */
export interface Column {
  name: string
  /** Its Postgres type: `int8`, `numeric`. */
  type: string
  /** Of a numeric: its digits, and how many of them come after the point. */
  decimal: Decimal | null
  nullable: boolean
  description: string | null
  /** What a number of it counts: `EUR`, `minor units`, `seconds`. */
  unit: string | null
}

/** A decimal number of at most `precision` digits, `scale` of them after the point. */
export interface Decimal {
  precision: number
  scale: number
}

const unitOfSuffix: Record<string, string> = {
  minor: 'minor units',
  eur: 'EUR',
  seconds: 'seconds',
  minutes: 'minutes',
  hours: 'hours',
  days: 'days',
  grams: 'grams',
}

/** The unit that ends a column's name, if one does: `outstanding_minor`, `cash_eur`. */
export function unitOf(name: string): string | null {
  return unitOfSuffix[name.slice(name.lastIndexOf('_') + 1)] ?? null
}
