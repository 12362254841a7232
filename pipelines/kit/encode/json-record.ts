/** A line of NDJSON as values, for zod. */
import type { Column } from '../table.ts'
import type { Raw } from './rows.ts'

/** JSON.parse with what a newer edition of the language added: the text a value came from. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown

/** A number as it was written. */
class Written {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  /** Inside another value, where no column is. */
  toJSON() {
    return Number(this.source)
  }
}

/** The JSON object of a line, or undefined when it is none. Of a key that stands twice the last counts. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  let parsed: unknown
  try {
    parsed = parse(text, (_, value, { source }) =>
      typeof value === 'number' && source !== undefined ? new Written(source) : value,
    )
  } catch {
    return undefined
  }
  const isObject = parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
  return isObject && !(parsed instanceof Written) ? (parsed as Record<string, unknown>) : undefined
}

/** The record of an object: a missing value is null, and so is an empty text, as in CSV. */
export function recordOf(object: Record<string, unknown>, known: readonly Column[]): Raw {
  const record: Raw = {}
  for (const { name, type } of known) {
    const value = Object.hasOwn(object, name) ? object[name] : null
    const plain = value instanceof Written ? numberFor(type, value.source) : value
    record[name] = plain === '' ? null : (plain as Raw[string])
  }
  return record
}

/** The record of a wide object: every key, as text. */
export function wideRecordOf(object: Record<string, unknown>): Raw {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      value instanceof Written ? value.source : textOf(value),
    ]),
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}

/**
 * A number for a column: a decimal as it is written, so that no float touches it; a whole one as a
 * number, unless it has an exponent or only a float would make it that number (9007199254740993).
 * That text no contract accepts.
 */
function numberFor(type: string, source: string): number | string {
  const value = Number(source)
  const isExact = Number.isSafeInteger(value) && /^-?\d+(\.0+)?$/.test(source)
  const isWritten = isExact || !Number.isInteger(value)
  const isWhole = type === 'int4' || type === 'int8'
  return type === 'numeric' || (isWhole && !isWritten) ? source : value
}
