import { MARKETPLACES, DAYS, VALUES } from '../facts.ts'
import { balance, count, dimensions, type HandView, ratio, sum } from './hand-view.ts'

const owed = (condition: string) => `COALESCE(SUM(balance_eur) FILTER (WHERE ${condition}), 0)`
const isFee = "kind = 'fee'"

export const fees: HandView = {
  name: 'fees',
  rows: `
    WITH fee AS (
      SELECT fee.*, seller.tier FROM mart.fact_fee AS fee LEFT JOIN mart.dim_seller AS seller USING (seller_key)
    ), kinds AS (
      SELECT 'event' AS kind, e.business_date AS day, e.marketplace, e.category, e.fee_kind, e.seller_id, e.currency,
        e.reason_group, NULL AS age_bucket, e.fee_id, NULL::bool AS latest_snapshot, fee.tier AS seller_tier,
        e.charge_eur, e.cash_eur, e.collected_eur, e.refunded_eur, NULL::numeric AS balance_eur, NULL::date AS snapshot_day
      FROM mart.fact_fee_event AS e LEFT JOIN fee USING (fee_id)
      UNION ALL
      SELECT 'fee', charged_on, marketplace, category, fee_kind, seller_id, currency, NULL, NULL, fee_id, NULL, tier,
        NULL, NULL, NULL, NULL, NULL, NULL
      FROM fee
      UNION ALL
      SELECT 'snapshot', i.snapshot_date, i.marketplace, i.category, i.fee_kind, fee.seller_id, i.currency, NULL, i.bucket,
        i.item_id, i.snapshot_date = (SELECT as_of FROM mart.ref_watermark WHERE feed = 'fees'), fee.tier,
        NULL, NULL, NULL, NULL, i.balance_eur, i.snapshot_date
      FROM mart.fact_open_item_snapshot AS i LEFT JOIN fee ON fee.fee_id = i.item_id
      WHERE i.item_type = 'fee'
    )
    SELECT kinds.*, stream, own.is_mature_30, own.is_mature_90, own.is_mature_180, own.cash_30_eur, own.principal_30_eur,
      own.cash_90_eur, own.principal_90_eur, own.cash_180_eur, own.principal_180_eur
    FROM kinds LEFT JOIN mart.dim_category USING (category)
      LEFT JOIN mart.fact_fee AS own ON kinds.kind = 'fee' AND own.fee_id = kinds.fee_id`,
  dimensions: [
    ...dimensions('day', { day: DAYS }),
    ...dimensions('bool', { latest_snapshot: [] }),
    ...dimensions('text', {
      marketplace: MARKETPLACES,
      category: VALUES.category,
      fee_kind: VALUES.fee_kind,
      currency: VALUES.currency,
      reason_group: VALUES.fee_reason,
      age_bucket: VALUES.fee_bucket,
    }),
    { name: 'stream', type: 'text', values: VALUES.stream, isReferred: true },
    { name: 'seller_tier', type: 'text', values: VALUES.tier, isReferred: true },
    { name: 'seller_id', type: 'text', values: VALUES.seller, isId: true },
    { name: 'fee_id', type: 'text', values: VALUES.fee, isId: true },
  ],
  measures: [
    sum('fees_charged', 'charge_eur'),
    sum('fees_collected', 'cash_eur'),
    sum('fees_collected_gross', 'collected_eur'),
    sum('fees_refunded', 'refunded_eur'),
    ratio('recovery_cash_rate', 'COALESCE(SUM(cash_eur), 0)', 'COALESCE(SUM(charge_eur), 0)'),
    count('fees_count', isFee),
    ...[30, 90, 180].flatMap((days) => [
      ratio(`recovery_cohort_rate_${days}d`, `SUM(cash_${days}_eur)`, `SUM(principal_${days}_eur)`),
      count(`recovery_cohort_fees_${days}d`, `${isFee} AND is_mature_${days}`),
      count(`recovery_cohort_immature_fees_${days}d`, `${isFee} AND NOT is_mature_${days}`),
    ]),
    balance('outstanding', owed("age_bucket <> 'credit'")),
    balance('unapplied_credit', `-1 * ${owed("age_bucket = 'credit'")}`),
    balance('outstanding_current', owed("age_bucket = 'current'")),
    balance('outstanding_1_30', owed("age_bucket = '1-30'")),
    balance('outstanding_181_365', owed("age_bucket = '181-365'")),
    balance('outstanding_over_365', owed("age_bucket = '365+'")),
  ],
}
