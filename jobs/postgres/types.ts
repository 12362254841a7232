import pg from 'pg'

type TypeId = (typeof builtins)[keyof typeof builtins]

const { builtins, arrayParser, getTypeParser } = pg.types

/** How a value of Postgres reads in TypeScript; decided here and nowhere else. */
const scalars: Record<number, (text: string) => unknown> = {
  [builtins.INT8]: safeInteger,
  // Money stays exact.
  [builtins.NUMERIC]: asWritten,
  // A day has no zone; a JavaScript Date would give it one.
  [builtins.DATE]: asWritten,
  // A JavaScript Date would drop the microseconds.
  [builtins.TIMESTAMPTZ]: instant,
  [builtins.TIMESTAMP]: localTime,
}

const arrayOf: Record<number, number> = {
  1016: builtins.INT8,
  1231: builtins.NUMERIC,
  1182: builtins.DATE,
  1185: builtins.TIMESTAMPTZ,
  1115: builtins.TIMESTAMP,
}

const parsers = new Map(Object.entries(scalars).map(([oid, parse]) => [Number(oid), parse]))
for (const [oid, element] of Object.entries(arrayOf)) {
  const parse = parsers.get(element) ?? asWritten
  parsers.set(Number(oid), (text) => parseArray(text, parse))
}

/** For one pool or client, so that other users of `pg` in the process keep their own reading. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: TypeId, format: 'text' | 'binary' = 'text') =>
    (format === 'text' && parsers.get(oid)) ||
    getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
}

function asWritten(text: string): string {
  return text
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new Error(
    `The database returned ${text}, which a JavaScript number cannot hold exactly. ` +
      'Select it as text: column::text.',
  )
}

/** 2026-01-01 00:00:00.5+00 -> 2026-01-01T00:00:00.5Z; infinity stays infinity. */
function instant(text: string): string {
  if (text.endsWith('infinity')) return text
  if (!text.endsWith('+00'))
    throw new Error(`The database returned ${text}: the session left UTC. Do not SET timezone.`)
  return `${text.slice(0, -3).replace(' ', 'T')}Z`
}

function localTime(text: string): string {
  return text.replace(' ', 'T')
}

function parseArray(text: string, parse: (text: string) => unknown): unknown[] {
  // The declared type is a function; the library exports an object with create().
  const { create } = arrayParser as unknown as {
    create: (text: string, parse: (text: string) => unknown) => { parse(): unknown[] }
  }
  return create(text, parse).parse()
}
