import type { Column } from './column.ts'

/** How the values of a Postgres type are selected; as they are where nothing is said. */
interface Kind {
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

const kinds = {
  int2: {},
  int4: {},
  int8: {},
  float4: {},
  float8: {},
  bool: { csv: asText, json: asIs },
  text: {},
  date: {},
  time: {},
  timestamptz: { csv: inUtc },
  timestamp: { csv: zoneless },
  // A JSON number would end as a float in most readers.
  numeric: { json: asText },
  jsonb: { typed: asText, json: asIs },
} satisfies Record<string, Kind>

/** A type whose values go out as what they are; any other goes out as text. */
export type KnownType = keyof typeof kinds

const other: Kind = { typed: asText, csv: asText }

/** ISO 8601 with all microseconds; infinity has no digits and stays a word. */
function isoSql(name: string, local: string, zone: string): string {
  const digits = `to_char(${local}, 'YYYY-MM-DD"T"HH24:MI:SS.US"${zone}"')`
  return `case when isfinite(${name}) then ${digits} else ${name}::text end`
}

export function isKnown(type: string): type is KnownType {
  return Object.hasOwn(kinds, type)
}

function kindOf({ type }: Column): Kind {
  return isKnown(type) ? kinds[type] : other
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
