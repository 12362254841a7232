import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { fileOf } from '#jobs/asset-file.ts'
import { assets } from '#jobs/worker.ts'

test('every asset is defined in the file that is called like it', () => {
  for (const asset of assets) {
    const file = fileOf(asset)
    expect(file && existsSync(file), asset.name).toBe(true)
    expect(readFileSync(file!, 'utf8'), file).toContain(`'${asset.name}'`)
  }
})

test('what is no asset has no file', () => {
  expect(fileOf({ name: 'mart.fact_nothing' })).toBeUndefined()
  expect(fileOf({ name: 'bullmq.job' })).toBeUndefined()
  // The demo makes files of its own; none of them defines a feed.
  expect(fileOf({ name: 'raw.generate' })).toBeUndefined()
})
