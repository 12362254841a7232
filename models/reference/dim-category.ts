import { model } from '#kit/asset.ts'
import { rawCategory } from '#pipelines/reference/category.ts'

/** Producer-responsibility categories: the waste stream and the scheme paid. */
export const dimCategory = model({
  name: 'mart.dim_category',
  description: 'Producer-responsibility categories: the waste stream and the scheme paid.',
  contract: rawCategory.contract,
  grain: ['category'],
  reads: [rawCategory],
  query: (db) => db.selectFrom('raw.category').select(['category', 'stream', 'scheme']),
})
