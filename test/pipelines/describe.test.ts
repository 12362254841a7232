import { expect } from 'vitest'

import { describeFeed, exampleFile, feedPage } from '#kit/describe.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { sources } from '#pipelines/sources.ts'

import { test } from './load/feed-file.ts'

test.for(sources.map((source) => [source.name, source] as const))(
  'the example of %s is loaded by the real loader',
  async ([, source], { loader }) => {
    const load = await loader.load(source, loader.write('example.csv', exampleFile(source)))
    expect(await loader.quarantine()).toEqual([])
    expect(load.rowsNew).toBeGreaterThan(0)
  },
)

test.for(sources.map((source) => [source.name, source] as const))(
  'every column of %s has a description',
  ([, source]) => {
    expect(describeFeed(source).columns.filter(({ description }) => description === '')).toEqual([])
  },
)

test('a page says what a feed must look like: columns, allowed values and an example', () => {
  const page = feedPage(describeFeed(rawFeeEvent))
  expect(page).toContain(
    'One row is one source + source_event_id; of rows with the same key the one',
  )
  expect(page).toContain('reason_code (may be empty)')
  expect(page).toContain('  amount_minor is at least 0 when event_type is not adjusted')
  expect(page).toContain('charged, adjusted, waived, collected')
  expect(page).toContain('epr_ledger,FE00000041,F0000017,collected,')
  expect(
    Math.max(
      ...page
        .split('\n')
        .slice(0, -2)
        .map((line) => line.length),
    ),
  ).toBeLessThan(97)
})

test('the page of a wide feed names the columns of the file', () => {
  expect(describeFeed(rawFxRate).wide).toEqual(['Date'])
  expect(feedPage(describeFeed(rawFxRate))).toContain('The file is wide: its header has Date')
})
