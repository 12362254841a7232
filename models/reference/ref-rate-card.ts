import { model } from '#kit/asset.ts'
import { rawRateCard } from '#pipelines/reference/rate-card.ts'

/** Rates of the fees by category and marketplace, with the day each was published. */
export const refRateCard = model({
  name: 'mart.ref_rate_card',
  description: 'Rates of the fees by version, marketplace, category and kind of fee.',
  contract: rawRateCard.contract,
  grain: ['rate_card', 'marketplace', 'category', 'fee_kind'],
  reads: [rawRateCard],
  query: (db) =>
    db
      .selectFrom('raw.rate_card')
      .select(['rate_card', 'marketplace', 'category', 'fee_kind', 'basis', 'rate', 'currency'])
      .select(['valid_from', 'valid_to', 'published_at']),
})
