import { sql } from 'kysely'

/** The euro and the currencies it replaced: from which day, at which rate of conversion. */
const fixedRates = [
  ['EUR', '1999-01-01', '1'],
  ['SIT', '2007-01-01', '239.640'],
  ['CYP', '2008-01-01', '0.585274'],
  ['MTL', '2008-01-01', '0.429300'],
  ['SKK', '2009-01-01', '30.1260'],
  ['EEK', '2011-01-01', '15.6466'],
  ['LVL', '2014-01-01', '0.702804'],
  ['LTL', '2015-01-01', '3.45280'],
  ['HRK', '2023-01-01', '7.53450'],
  ['BGN', '2026-01-01', '1.95583'],
] as const

interface FixedRate {
  currency: (typeof fixedRates)[number][0]
  joined_on: string
  rate: string
}

const rows = fixedRates.map(
  ([currency, joined, rate]) =>
    sql`(${sql.lit(currency)}, ${sql.lit(joined)}::date, ${sql.lit(rate)}::numeric)`,
)

/** One row a currency whose rate no longer moves, to select from as `fixed`. */
export const fixed = sql<FixedRate>`(values ${sql.join(rows)})`.as<'fixed'>(
  sql`fixed (currency, joined_on, rate)`,
)
