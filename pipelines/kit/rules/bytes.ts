/** Conditions on a binary COPY tuple: the values are compared as Postgres stores them. */
import { int32At } from '../encode/fields/field.ts'
import { bytesFor, valueFieldOf } from '../encode/fields/value-of.ts'
import type { Comparison, Condition, Literal } from './rule.ts'

/** True, false or, as in SQL, neither. Field i of the tuple begins at starts[i]. */
export type Test = (tuple: Uint8Array, starts: Int32Array) => boolean | null

/** A column of the tuple. */
export interface Place {
  name: string
  type: string
}

/** Makes a condition the function that tests it on tuples with these columns. */
export function testOf(condition: Condition, places: readonly Place[]): Test {
  const all = (parts: readonly Condition[], stop: boolean): Test => {
    const tests = parts.map((part) => testOf(part, places))
    return (tuple, starts) => {
      let result: boolean | null = !stop
      for (const test of tests) {
        const found = test(tuple, starts)
        if (found === stop) return stop
        if (found === null) result = null
      }
      return result
    }
  }
  if ('present' in condition) return presence(placeOf(condition.present, places), true)
  if ('absent' in condition) return presence(placeOf(condition.absent, places), false)
  if ('all' in condition) return all(condition.all, false)
  if ('any' in condition) return all(condition.any, true)
  if ('when' in condition) return all([{ not: condition.when }, condition.then], true)
  if ('not' in condition) {
    const test = testOf(condition.not, places)
    return (tuple, starts) => {
      const found = test(tuple, starts)
      return found === null ? null : !found
    }
  }
  const place = placeOf(condition.column, places)
  if ('oneOf' in condition) {
    const { column } = condition
    return all(
      condition.oneOf.map((value) => ({ column, is: '=', value })),
      true,
    )
  }
  if ('other' in condition) return comparison(place, condition.is, placeOf(condition.other, places))
  return comparison(place, condition.is, { literal: condition.value })
}

type Known = Place & { at: number }

function placeOf(name: string, places: readonly Place[]): Known {
  const at = places.findIndex((place) => place.name === name)
  const place = places[at]
  if (!place)
    throw new Error(
      `A rule speaks of ${name}; the columns are ${places.map((p) => p.name).join(', ')}.`,
    )
  return { ...place, at }
}

function presence({ at }: Known, present: boolean): Test {
  return (tuple, starts) => int32At(tuple, starts[at]!) >= 0 === present
}

const ordered = ['int4', 'int8', 'date', 'time', 'timestamptz']
const equalOnly = ['text', 'bool']

function comparison(left: Known, is: Comparison, right: Known | { literal: Literal }): Test {
  const isEquality = is === '=' || is === '<>'
  const allowed = isEquality ? [...ordered, ...equalOnly] : ordered
  const isMixed = 'type' in right && right.type !== left.type
  if (!allowed.includes(left.type) || isMixed)
    throw new Error(
      `A rule compares ${left.name} (${left.type}) ${is} ${'name' in right ? `${right.name} (${right.type})` : right.literal}. ` +
        `It can order two values of one type of ${ordered.join(', ')}, and tell whether two of ${equalOnly.join(', ')} are equal.`,
    )
  const holds = outcomes[is]
  const compare = isEquality ? difference : order
  const { at } = left
  if ('at' in right) {
    const other = right.at
    return (tuple, starts) => {
      const [a, b] = [starts[at]!, starts[other]!]
      if (int32At(tuple, a) < 0 || int32At(tuple, b) < 0) return null
      return holds(compare(tuple, a, tuple, b))
    }
  }
  const field = fieldOf(left, right.literal)
  return (tuple, starts) => {
    const a = starts[at]!
    return int32At(tuple, a) < 0 ? null : holds(compare(tuple, a, field, 0))
  }
}

const outcomes: Record<Comparison, (difference: number) => boolean> = {
  '=': (found) => found === 0,
  '<>': (found) => found !== 0,
  '<': (found) => found < 0,
  '<=': (found) => found <= 0,
  '>': (found) => found > 0,
  '>=': (found) => found >= 0,
}

/** 0 when two fields are equal, byte for byte. */
function difference(left: Uint8Array, a: number, right: Uint8Array, b: number): number {
  const end = int32At(left, a) + 4
  for (let i = 0; i < end; i++) if (left[a + i] !== right[b + i]) return 1
  return 0
}

/** The order of two whole numbers of the same width. */
function order(left: Uint8Array, a: number, right: Uint8Array, b: number): number {
  const high = int32At(left, a + 4) - int32At(right, b + 4)
  if (high !== 0 || int32At(left, a) === 4) return high
  return (int32At(left, a + 8) >>> 0) - (int32At(right, b + 8) >>> 0)
}

function fieldOf({ name, type }: Known, literal: Literal): Uint8Array {
  const field = Buffer.alloc(bytesFor([literal]))
  if (valueFieldOf(type)(literal, field, 0) < 0)
    throw new Error(`A rule compares ${name} with ${JSON.stringify(literal)}, which is no ${type}.`)
  return field
}
