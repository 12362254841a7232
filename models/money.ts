import { type Expression, sql } from 'kysely'

/** What it takes to turn minor units into euros. Exponent and rate come from left joins. */
export interface Conversion {
  currency: Expression<string>
  /** `ref_minor_unit.exponent` of the amount's source and currency; null: the usual digits. */
  exponent: Expression<number | null>
  /** `ref_fx_rate.rate` of the day and currency; null: no rate, and the euros are unknown. */
  rate: Expression<string | null>
}

/** An exact decimal, or null where there is no rate. */
type Decimal = string | null

/**
 * An amount of minor units in euros, to 10 digits after the point. It is divided once, so nothing
 * but the last digit is rounded; sums of it are rounded again only for display. Nothing is nothing
 * at any rate; any other amount is null where there is no rate.
 */
export const euros = (minor: Expression<number | null>, conversion: Conversion) =>
  sql<Decimal>`case ${minor} when 0 then 0 else round(${minor}::numeric(38, 20) / ${minorPerEuro(conversion)}, 10) end`

/** Minor units for one euro. */
export const minorPerEuro = ({ currency, exponent, rate }: Conversion) =>
  sql<Decimal>`(case ${currency} when 'EUR' then 1 else ${rate} end * ${minorPerMajor(currency, exponent)})`

/** Minor units for one major unit: 100 cents to the euro, and no smaller coin than the yen. */
const minorPerMajor = (currency: Expression<string>, exponent: Expression<number | null>) =>
  sql`(${powersOfTen})[1 + coalesce(${exponent}, case ${currency} when 'JPY' then 0 else 2 end)]`

const powersOfTen = sql`'{1, 10, 100, 1000, 10000}'::numeric[]`
