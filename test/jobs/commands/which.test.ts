import { expect, test } from 'vitest'
import * as z from 'zod'

import { computed } from '#kit/asset.ts'
import { code, day } from '#kit/columns.ts'
import { daily, oneOf, weekly } from '#kit/partitions/dimension.ts'
import type { PartitionedBy } from '#kit/partitions/dimension.ts'
import { selected } from '#jobs/commands/engine/selected.ts'
import { type Typed, which } from '#jobs/commands/engine/which.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { UsageError } from '#jobs/terminal/mistakes.ts'

function table(name: `mart.${string}`, partitionedBy?: PartitionedBy) {
  return computed({
    name,
    description: name,
    contract: z.object({ day: day(), place: code(['DE', 'FR']) }),
    grain: ['day'],
    reads: [],
    version: '1',
    load: async () => ({ rows: 0 }),
    tags: ['all'],
    ...(partitionedBy && { partitionedBy }),
  })
}

const byDay = table('mart.by_day', { day: daily() })
const byWeek = table('mart.by_week', { day: weekly() })
const byPlace = table('mart.by_place', { place: oneOf(['DE', 'FR']) })
const byBoth = table('mart.by_both', { place: oneOf(['DE', 'FR']), day: daily() })
const whole = table('mart.whole')

const expected = new Map([
  ['mart.by_day', ['2026-11-28', '2026-11-29', '2026-11-30', '2026-12-01']],
  ['mart.by_week', ['2026-W48', '2026-W49', '2026-W50']],
  ['mart.by_place', ['DE', 'FR']],
  ['mart.by_both', ['DE/2026-11-30', 'DE/2026-12-01', 'FR/2026-11-30', 'FR/2026-12-01']],
])

function keys(assets: Parameters<typeof unitsOf>[0], typed: Typed) {
  const units = unitsOf(assets)
  const { keysOf, notes } = which(units, typed)
  const found = units.map((unit) => keysOf?.(unit, expected.get(unit.name) ?? []))
  return { found, notes }
}

const mistake = (assets: Parameters<typeof unitsOf>[0], typed: Typed): string => {
  try {
    which(unitsOf(assets), typed)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'understood'
}

test('a range means the expected partitions that overlap it, of each table in its own unit', () => {
  expect(keys([byDay, byWeek], { from: '2026-11-29', to: '2026-12' }).found).toEqual([
    ['2026-11-29', '2026-11-30', '2026-12-01'],
    ['2026-W48', '2026-W49', '2026-W50'],
  ])
})

test('a range may have one end', () => {
  expect(keys([byDay], { from: '2026-11-30' }).found).toEqual([['2026-11-30', '2026-12-01']])
  expect(keys([byDay], { to: '2026-11-28' }).found).toEqual([['2026-11-28']])
  expect(keys([byBoth], { from: '2026-12' }).found).toEqual([['DE/2026-12-01', 'FR/2026-12-01']])
})

test('where nothing says which partitions to expect, the range does', () => {
  const { keysOf } = which(unitsOf([byDay]), { from: '2020-01-01', to: '2020-01-02' })
  expect(keysOf?.(unitsOf([byDay])[0]!, [])).toEqual(['2020-01-01', '2020-01-02'])
})

test('what has no periods beside what has is taken whole, and that is said', () => {
  const { found, notes } = keys([byDay, byPlace, whole], { from: '2026-12-01', to: '2026-12-01' })
  expect(found).toEqual([['2026-12-01'], ['DE', 'FR'], []])
  expect(notes).toEqual([
    'mart.whole is not partitioned and runs whole.',
    'mart.by_place is partitioned by values, not by time: all of them.',
  ])
})

test('a wrong partition or range is answered with what is allowed', () => {
  expect(mistake([whole], { partitions: ['2026-11-28'] })).toContain('mart.whole: not partitioned')
  expect(mistake([byPlace], { from: '2026-11' })).toContain(
    'partitions of mart.by_place are values',
  )
  expect(mistake([byPlace], { partitions: ['DEE'] })).toContain('"DEE" is not one of DE, FR')
  expect(mistake([byDay], { partitions: ['2026-11'] })).toContain(
    'that is 2026-11-01 to 2026-11-30. One is called 2026-11-28. All in it: --from 2026-11 --to 2026-11',
  )
  expect(mistake([byDay], { from: 'yesterday' })).toContain(
    '"yesterday" is not a day, week or month',
  )
  expect(mistake([byDay], { from: '2026-12', to: '2026-11' })).toContain('Turn the two around')
  expect(mistake([byDay], { partitions: ['2026-11-28'], from: '2026-11' })).toContain('not both')
})

test('a selection that means nothing is a mistake of who typed it', () => {
  expect(selected(['by_day', 'tag:all'], [byDay, whole]).map(({ name }) => name)).toEqual([
    'mart.by_day',
    'mart.whole',
  ])
  expect(() => selected(['by_dya'], [byDay, whole])).toThrow(UsageError)
  expect(() => selected(['by_dya'], [byDay, whole])).toThrow('Nearest: mart.by_day')
})
