/**
 * The column kinds a contract is written in. Each is a zod schema that says what a value may be,
 * registered with the Postgres type it is stored as and with the words for what is expected: table,
 * row type, validation and messages have one source. What a kind accepts, Postgres must accept too.
 */
import * as z from 'zod'

/** Postgres type of each column kind, and what it expects in words a newcomer understands. */
export const columnType = z.registry<{ type: string; expects: string }>()

/** What the encoder must know of a kind to judge its bytes without zod. */
export type Kind =
  | { is: 'text'; max: number }
  | { is: 'code'; values: readonly string[] }
  | { is: 'whole'; type: 'int4' | 'int8'; limit: number }
  | { is: 'instant' | 'day' | 'month' | 'timeOfDay' | 'decimal' | 'flag' }

const kinds = new WeakMap<object, Kind>()

/**
 * The kind of a column's schema, if it is that kind and nothing more. A description leaves the
 * schema's definition as it is; any check chained to it makes a new one, which only zod can judge.
 */
export function kindOf(schema: z.ZodType): Kind | undefined {
  return kinds.get(schema._zod.def)
}

function column<S extends z.ZodType>(schema: S, kind: Kind, type: string, expects: string): S {
  kinds.set(schema._zod.def, kind)
  columnType.add(schema, { type, expects })
  return schema
}

/**
 * Free text, never empty: an absent value is null, not ''. U+FFFD stands where a file was not UTF-8,
 * and half a surrogate pair has no UTF-8.
 */
export const text = (max = 200) =>
  column(
    z
      .string()
      .min(1)
      .max(max)
      .regex(/^[^\0\uFFFD\uD800-\uDFFF]*$/u),
    { is: 'text', max },
    'text',
    `UTF-8 text of at most ${max} characters`,
  )

/** One of a closed list of codes. */
export const code = <const T extends readonly [string, ...string[]]>(values: T) =>
  column(z.enum(values), { is: 'code', values }, 'text', 'one of a closed list')

/** An instant with its offset, kept as text so that microseconds survive. Years and offsets as Postgres knows them. */
export const instant = () =>
  column(
    z.iso.datetime({ offset: true }).regex(/^(?!0000).*(?:Z|[+-](?:0\d|1[0-5]):\d\d)$/),
    { is: 'instant' },
    'timestamptz',
    'an instant with its offset such as 2026-10-14T09:30:00Z',
  )

/** A calendar day, usually a business date: the local date in the marketplace's zone. */
export const day = () =>
  column(z.iso.date().regex(/^(?!0000)/), { is: 'day' }, 'date', 'a day such as 2026-10-14')

/** A calendar month, such as 2026-09. */
export const month = () =>
  column(
    z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
    { is: 'month' },
    'text',
    'a month such as 2026-09',
  )

/** A wall-clock time of day, HH:MM. */
export const timeOfDay = () =>
  column(
    z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/),
    { is: 'timeOfDay' },
    'time',
    'a time of day such as 17:30',
  )

/** Money in minor units of its currency; the exponent belongs to (source, currency). */
export const minor = () =>
  whole('int8', Number.MAX_SAFE_INTEGER, 'a whole number of minor units such as 1999 for 19.99')

/** A whole number. */
export const count = () =>
  whole('int4', 2_147_483_647, 'a whole number of at most 2,147,483,647 such as 120')

/** An exact decimal, kept as text: no float ever touches it. */
export const decimal = () =>
  column(
    z.string().regex(/^-?\d{1,20}(\.\d{1,16})?$/),
    { is: 'decimal' },
    'numeric',
    'a decimal number such as 12.50',
  )

/** True or false. */
export const flag = () =>
  column(
    z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
    { is: 'flag' },
    'bool',
    'true or false',
  )

/** Numbers arrive as text in CSV and as numbers in NDJSON; both must be whole. */
function whole(type: 'int4' | 'int8', limit: number, expects: string) {
  const number = z.int().min(-limit).max(limit)
  const written = z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(number)
  return column(z.union([number, written]), { is: 'whole', type, limit }, type, expects)
}
