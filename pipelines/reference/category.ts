import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { text } from '#kit/columns.ts'

/** Producer-responsibility categories: the waste stream and the scheme paid. */
export const rawCategory = source({
  name: 'raw.category',
  description: 'Producer-responsibility categories: the waste stream and the scheme paid.',
  contract: z.object({
    category: text(40).describe('The category'),
    stream: text(40).describe('Waste stream'),
    scheme: text(40).describe('Scheme that is paid'),
  }),
  grain: ['category'],
  tags: ['reference'],
  example: { category: 'packaging_paper', stream: 'packaging', scheme: 'dual_system' },
})
