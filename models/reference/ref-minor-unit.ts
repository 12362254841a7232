import { model } from '#kit/asset.ts'
import { rawMinorUnit } from '#pipelines/reference/minor-unit.ts'

/** How many digits each source writes after the decimal point of a currency. */
export const refMinorUnit = model({
  name: 'mart.ref_minor_unit',
  description: 'The minor-unit exponent of each source and currency.',
  contract: rawMinorUnit.contract,
  grain: ['source', 'currency'],
  reads: [rawMinorUnit],
  query: (db) => db.selectFrom('raw.minor_unit').select(['source', 'currency', 'exponent']),
})
