import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentLines } from './agents.ts'
import { policyLines } from './appeal-desks.ts'
import { calendarLines } from './calendars.ts'
import { contactReasons } from './contact-mix.ts'
import { categories, rateCardLines } from './fee-rates.ts'
import type { Written } from './feed-files.ts'
import { ledgerExponent } from './fees.ts'
import { marketplaces } from './marketplaces.ts'
import { declineCodes } from './payment-mix.ts'
import { sources } from '../sources.ts'
import type { Seller } from './sellers.ts'
import { targetLines } from './targets.ts'
import { dateText } from './time.ts'

/** What the reference feeds need from the generators. */
export interface ReferenceInput {
  sellers: readonly Seller[]
  costPoolLines: readonly string[]
  wideRates: string
}

/** Writes the reference feeds, one file each. */
export function writeReference(outDir: string, input: ReferenceInput): Record<string, Written> {
  const feeds: Record<string, readonly string[]> = {
    marketplace: marketplaces.map(
      ({ code, country, currency, zone, launchedOn }) =>
        `${code},${country},${currency},${zone.name},${dateText(launchedOn)}\n`,
    ),
    seller: input.sellers.flatMap(({ history }) => history),
    partner: partnerLines,
    category: Object.entries(categories).map(
      ([name, { stream, scheme }]) => `${name},${stream},${scheme}\n`,
    ),
    agent: agentLines(),
    reason: reasonLines(),
    rate_card: rateCardLines(),
    sla_policy: policyLines(),
    calendar_day: calendarLines(),
    target: targetLines(),
    cost_pool: input.costPoolLines,
    minor_unit: minorUnitLines(),
  }
  const written = Object.entries(feeds).map(([feed, lines]) => [
    feed,
    writeOne(outDir, feed, headerOf(feed), lines),
  ])
  const [header = '', ...rates] = input.wideRates.split(/(?<=\n)/)
  return { ...Object.fromEntries(written), fx_rate: writeOne(outDir, 'fx_rate', header, rates) }
}

const partnerLines = [
  'acquirer_a,acquirer,2021-01-01\n',
  'acquirer_b,acquirer,2022-06-01\n',
  'wallet_w,wallet,2021-05-01\n',
  'later_l,bnpl,2023-03-01\n',
  'bank_k,bank,2021-01-01\n',
  'points_p,points,2024-01-01\n',
]

const feeReasons: [string, string][] = [
  ['late_fee', 'penalty'],
  ['weight_correction', 'correction'],
  ['quantity_correction', 'correction'],
  ['goodwill', 'waiver'],
  ['scheme_exempt', 'waiver'],
  ['bank_return', 'reversal'],
  ['overpaid', 'refund'],
  ['uncollectable', 'write_off'],
  ['low_balance', 'collection_failure'],
  ['card_expired', 'collection_failure'],
  ['suspended', 'collection_failure'],
  ['wrong_weight', 'dispute'],
  ['not_liable', 'dispute'],
  ['already_registered', 'dispute'],
  ['upheld', 'dispute_outcome'],
  ['withdrawn', 'dispute_outcome'],
]
const caseReasons: [string, string][] = [
  ['counterfeit', 'listing'],
  ['listing_policy', 'listing'],
  ['safety', 'listing'],
  ['late_shipment', 'performance'],
  ['identity_check', 'account'],
  ['linked_account', 'account'],
  ['other', 'other'],
]
const decisionReasons: [string, string][] = [
  ['original_right', 'enforcement_right'],
  ['original_wrong', 'enforcement_wrong'],
  ['new_evidence', 'new_evidence'],
  ['proportionality', 'enforcement_wrong'],
]

function reasonLines(): string[] {
  const lines = (domain: string, codes: readonly (readonly [string, string])[]) =>
    codes.map(([code, group]) => `${domain},${code},${group},false,2020-01-01\n`)
  return [
    ...lines('fee', feeReasons),
    ...lines('decline', Object.entries(declineCodes)),
    ...lines('case', caseReasons),
    ...lines('decision', decisionReasons),
    ...contactReasons.map(
      ({ code, group, isAvoidable }) => `contact,${code},${group},${isAvoidable},2020-01-01\n`,
    ),
  ]
}

function minorUnitLines(): string[] {
  const currencies = [...new Set(marketplaces.map(({ currency }) => currency))]
  const iso = (currency: string) => (currency === 'JPY' ? 0 : 2)
  return [
    ...currencies.map((currency) => `gateway,${currency},${iso(currency)}\n`),
    ...currencies.map(
      (currency) => `epr_ledger,${currency},${currency === 'JPY' ? 0 : ledgerExponent(currency)}\n`,
    ),
    ...['EUR', 'PLN', 'PHP', 'USD', 'JPY'].map(
      (currency) => `cost_pool,${currency},${iso(currency)}\n`,
    ),
  ]
}

/** The columns of a feed's contract, as a header line. */
function headerOf(feed: string): string {
  const source = sources.find(({ name }) => name === `raw.${feed}`)
  if (!source) throw new Error(`No feed is called raw.${feed}: see pipelines/sources.ts.`)
  return `${Object.keys(source.contract.shape).join(',')}\n`
}

function writeOne(outDir: string, feed: string, header: string, lines: readonly string[]): Written {
  const body = header + lines.join('')
  mkdirSync(join(outDir, feed), { recursive: true })
  writeFileSync(join(outDir, feed, `${feed}.csv`), body)
  return { rows: lines.length, bytes: Buffer.byteLength(body), files: 1 }
}
