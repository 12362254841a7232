/**
 * The column kinds a contract is written in. Each is a zod schema that says what a value may be,
 * registered with the Postgres type it is stored as: table, row type and validation have one source.
 */
import * as z from 'zod'

/** Postgres type of each column kind. */
export const columnType = z.registry<{ type: string }>()

/** Free text, never empty: an absent value is null, not ''. */
export const text = (max = 200) => z.string().min(1).max(max).register(columnType, { type: 'text' })

/** One of a closed list of codes. */
export const code = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).register(columnType, { type: 'text' })

/** An instant with its offset, kept as text so that microseconds survive. */
export const instant = () =>
  z.iso.datetime({ offset: true }).register(columnType, { type: 'timestamptz' })

/** A calendar day, usually a business date: the local date in the marketplace's zone. */
export const day = () => z.iso.date().register(columnType, { type: 'date' })

/** A calendar month, such as 2026-09. */
export const month = () =>
  z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a month such as 2026-09')
    .register(columnType, { type: 'text' })

/** A wall-clock time of day, HH:MM. */
export const timeOfDay = () =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'expected a time such as 17:30')
    .register(columnType, { type: 'time' })

/** Money in minor units of its currency; the exponent belongs to (source, currency). */
export const minor = () => whole(Number.MAX_SAFE_INTEGER).register(columnType, { type: 'int8' })

/** A whole number. */
export const count = () => whole(2_147_483_647).register(columnType, { type: 'int4' })

/** An exact decimal, kept as text: no float ever touches it. */
export const decimal = () =>
  z
    .string()
    .regex(/^-?\d{1,20}(\.\d{1,16})?$/, 'expected a decimal number such as 12.50')
    .register(columnType, { type: 'numeric' })

/** True or false. */
export const flag = () =>
  z
    .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')], 'expected true or false')
    .register(columnType, { type: 'bool' })

/** Numbers arrive as text in CSV and as numbers in NDJSON; both must be whole. */
function whole(limit: number) {
  const number = z.int().min(-limit).max(limit)
  const written = z.string().regex(/^-?\d{1,16}$/).transform(Number).pipe(number)
  return z.union([number, written], 'expected a whole number')
}
