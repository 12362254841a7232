import { expect } from 'vitest'

import { dimSeller } from '#models/reference/dim-seller.ts'
import { rawSeller } from '#pipelines/reference/seller.ts'
import { test } from '#test/kit/database.ts'
import { land, rowsOf } from '#test/kit/rows.ts'

test('a seller is what it was until the day before it changed', async ({ db }) => {
  const seller = { seller_id: 'S1', country: 'DE', registration_status: 'registered' } as const
  await land(db, rawSeller, [
    { ...seller, valid_from: '2025-06-01', tier: 'medium' },
    { ...seller, valid_from: '2024-01-01', tier: 'small' },
  ])

  expect(await rowsOf(db, dimSeller)).toEqual([
    {
      seller_key: 'S1@2024-01-01',
      ...seller,
      tier: 'small',
      valid_from: '2024-01-01',
      valid_to: '2025-05-31',
      counts_from: '0001-01-01',
    },
    {
      seller_key: 'S1@2025-06-01',
      ...seller,
      tier: 'medium',
      valid_from: '2025-06-01',
      valid_to: null,
      counts_from: '2025-06-01',
    },
  ])
})
