import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { code, count, day, decimal, flag, minor, text } from '#kit/columns.ts'
import { rawFee } from '#pipelines/fees/fee.ts'
import { MARKETPLACES } from '#pipelines/reference/codes.ts'

import { refWatermark } from '../calendar/ref-watermark.ts'
import { factCaseCycle } from '../cases/fact-case-cycle.ts'
import { factFeeEvent } from '../fees/fact-fee-event.ts'
import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { refFxRate } from '../reference/ref-fx-rate.ts'
import { refMinorUnit } from '../reference/ref-minor-unit.ts'
import { openCases } from './open-cases.ts'
import { openFees } from './open-fees.ts'
import { balancesRollForward } from './roll-forward.ts'

/** What was open at the end of every Sunday and of the last complete day. Never sum over dates. */
export const factOpenItemSnapshot = model({
  name: 'mart.fact_open_item_snapshot',
  description: 'What was open at the end of every week and now, one row an item and date.',
  contract: z.object({
    snapshot_date: day().describe('A Sunday, or the last complete day'),
    item_type: code(['fee', 'case']).describe('What is open'),
    item_id: text().describe('The fee or case'),
    marketplace: code(MARKETPLACES).describe('Its marketplace'),
    category: text().nullable().describe('Of a fee: its category'),
    fee_kind: text().nullable().describe('Of a fee: its kind'),
    queue: text().nullable().describe('Of a case: the queue that works it'),
    currency: text().nullable().describe('Of a fee: the currency of its balance'),
    age_days: count().describe("Days since the fee's first event, or since the case's cycle began"),
    days_past_due: count()
      .nullable()
      .describe('Of a fee: days since due_on; not positive: not due'),
    bucket: text().describe('Of a fee by days past due, of a case by age; credit: we owe'),
    balance_minor: minor().nullable().describe('Of a fee: charge less cash less write-off'),
    balance_eur: decimal().nullable().describe('The balance at the rate of the snapshot date'),
    is_disputed: flag().describe('Whether a dispute of the fee was open'),
  }),
  grain: ['snapshot_date', 'item_type', 'item_id'],
  distributeBy: 'item_id',
  reads: [
    factFeeEvent,
    rawFee,
    factCaseCycle,
    dimMarketplace,
    refWatermark,
    refMinorUnit,
    refFxRate,
  ],
  query: (db) => openFees(db).unionAll(openCases(db)),
  checks: [
    balancesRollForward,
    {
      name: 'every balance has an exchange rate within 7 days before its snapshot',
      severity: 'error',
      because: 'Sums pass over what is unknown, so the debt would be missing from what is open.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_open_item_snapshot')
          .where('balance_minor', 'is not', null)
          .where('balance_eur', 'is', null)
          .select(['snapshot_date', 'item_id', 'currency']),
    },
  ],
})
