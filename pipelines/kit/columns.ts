/**
 * The column kinds a contract is written in. Each is a zod schema that says what a value may be,
 * registered with the Postgres type it is stored as and with the words for what is expected: table,
 * row type, validation and messages have one source. What a kind accepts, Postgres must accept too.
 */
import * as z from 'zod'

/** Postgres type of each column kind, and what it expects in words a newcomer understands. */
export const columnType = z.registry<{ type: string; expects: string }>()

/** Free text, never empty: an absent value is null, not ''. U+FFFD stands where a file was not UTF-8. */
export const text = (max = 200) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\0\uFFFD]*$/)
    .register(columnType, { type: 'text', expects: `UTF-8 text of at most ${max} characters` })

/** One of a closed list of codes. */
export const code = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).register(columnType, { type: 'text', expects: 'one of a closed list' })

/** An instant with its offset, kept as text so that microseconds survive. Years and offsets as Postgres knows them. */
export const instant = () =>
  z.iso
    .datetime({ offset: true })
    .regex(/^(?!0000).*(?:Z|[+-](?:0\d|1[0-5]):\d\d)$/)
    .register(columnType, {
      type: 'timestamptz',
      expects: 'an instant with its offset such as 2026-10-14T09:30:00Z',
    })

/** A calendar day, usually a business date: the local date in the marketplace's zone. */
export const day = () =>
  z.iso
    .date()
    .regex(/^(?!0000)/)
    .register(columnType, { type: 'date', expects: 'a day such as 2026-10-14' })

/** A calendar month, such as 2026-09. */
export const month = () =>
  z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .register(columnType, { type: 'text', expects: 'a month such as 2026-09' })

/** A wall-clock time of day, HH:MM. */
export const timeOfDay = () =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/)
    .register(columnType, { type: 'time', expects: 'a time of day such as 17:30' })

/** Money in minor units of its currency; the exponent belongs to (source, currency). */
export const minor = () =>
  whole(Number.MAX_SAFE_INTEGER).register(columnType, {
    type: 'int8',
    expects: 'a whole number of minor units such as 1999 for 19.99',
  })

/** A whole number. */
export const count = () =>
  whole(2_147_483_647).register(columnType, {
    type: 'int4',
    expects: 'a whole number of at most 2,147,483,647 such as 120',
  })

/** An exact decimal, kept as text: no float ever touches it. */
export const decimal = () =>
  z
    .string()
    .regex(/^-?\d{1,20}(\.\d{1,16})?$/)
    .register(columnType, { type: 'numeric', expects: 'a decimal number such as 12.50' })

/** True or false. */
export const flag = () =>
  z
    .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
    .register(columnType, { type: 'bool', expects: 'true or false' })

/** Numbers arrive as text in CSV and as numbers in NDJSON; both must be whole. */
function whole(limit: number) {
  const number = z.int().min(-limit).max(limit)
  const written = z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(number)
  return z.union([number, written])
}
