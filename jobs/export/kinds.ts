import type { Builder } from './read/builder.ts'
import { Decimals } from './read/decimals.ts'
import { Flags, float4, float8, int2, int4, int8 } from './read/numbers.ts'
import { Texts } from './read/texts.ts'
import { date, time, timestamp } from './read/times.ts'
import type { Column } from './column.ts'

/** How a Postgres type leaves the warehouse. */
interface Kind {
  /** For Arrow and Parquet: takes the binary values of `typed`. */
  builder: (column: Column) => Builder
  /** The SQL of a column for binary COPY; as it is when left out. */
  typed?: (name: string) => string
  /** The SQL of a column for CSV; as it is when left out. */
  csv?: (name: string) => string
  /** The SQL of a column for JSON; that of CSV when left out. */
  json?: (name: string) => string
}

const asText = (name: string) => `${name}::text`
const inUtc = (name: string) => isoSql(name, `${name} at time zone 'UTC'`, 'Z')
const zoneless = (name: string) => isoSql(name, name, '')
const asIs = (name: string) => name

const kinds: Record<string, Kind> = {
  int2: { builder: int2 },
  int4: { builder: int4 },
  int8: { builder: int8 },
  float4: { builder: float4 },
  float8: { builder: float8 },
  bool: { builder: () => new Flags(), csv: asText, json: asIs },
  text: { builder: () => new Texts() },
  date: { builder: date },
  time: { builder: time },
  timestamptz: { builder: () => timestamp('UTC'), csv: inUtc },
  timestamp: { builder: () => timestamp(null), csv: zoneless },
  // A JSON number would end as a float in most readers.
  numeric: {
    builder: ({ decimal }) => (decimal ? new Decimals(decimal) : new Texts()),
    json: asText,
  },
  jsonb: { builder: () => new Texts(), typed: asText, json: asIs },
}

const other: Kind = { builder: () => new Texts(), typed: asText, csv: asText }

/** ISO 8601 with all microseconds; infinity has no digits and stays a word. */
function isoSql(name: string, local: string, zone: string): string {
  const digits = `to_char(${local}, 'YYYY-MM-DD"T"HH24:MI:SS.US"${zone}"')`
  return `case when isfinite(${name}) then ${digits} else ${name}::text end`
}

function kindOf({ type }: Column): Kind {
  return kinds[type] ?? other
}

/** What collects a column for Arrow. */
export function builderOf(column: Column): Builder {
  return kindOf(column).builder(column)
}

/** A column for binary COPY, as its builder takes it. */
export function typedSql(column: Column, name: string): string {
  // A numeric that no decimal holds is read as text.
  if (column.type === 'numeric' && !column.decimal) return asText(name)
  return kindOf(column).typed?.(name) ?? name
}

/** A column as CSV writes it. */
export function csvSql(column: Column, name: string): string {
  return kindOf(column).csv?.(name) ?? name
}

/** A column as JSON writes it. */
export function jsonSql(column: Column, name: string): string {
  const { json, csv = asIs } = kindOf(column)
  return (json ?? csv)(name)
}
