import { model } from '#kit/asset.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

/** Payment partners under contract. */
export const dimPartner = model({
  name: 'mart.dim_partner',
  description: 'Payment partners under contract.',
  contract: rawPartner.contract,
  grain: ['partner'],
  reads: [rawPartner],
  query: (db) => db.selectFrom('raw.partner').select(['partner', 'partner_kind', 'contracted_on']),
})
