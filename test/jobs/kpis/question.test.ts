import { expect, test } from 'vitest'

import { findFamily, kpisOf } from '#jobs/kpis/catalogue.ts'
import type { CubeView } from '#jobs/kpis/cube-client.ts'
import { newestPeriod } from '#jobs/kpis/headlines.ts'
import { readQuestion } from '#jobs/kpis/question.ts'
import { standingOf, targetFor } from '#jobs/kpis/targets.ts'

const measure = (name: string, unit: string, basis = 'event') => ({
  name,
  shortTitle: name,
  type: 'number',
  meta: { unit, basis, direction: 'up', denominator: null },
})
const views: CubeView[] = [
  {
    name: 'payments',
    title: 'Payments',
    measures: [
      measure('payments.decline_mix_fraud', 'percent'),
      measure('payments.decline_mix_technical', 'percent'),
      measure('payments.authorisation_rate_attempt', 'percent'),
      measure('payments.attempts_submitted', 'count'),
    ],
    dimensions: [
      { name: 'payments.day', shortTitle: 'Day', type: 'time' },
      { name: 'payments.marketplace', shortTitle: 'Marketplace', type: 'string' },
      { name: 'payments.partner', shortTitle: 'Partner', type: 'string' },
    ],
  },
  {
    name: 'fees',
    title: 'Fees',
    measures: [
      measure('fees.recovery_cohort_rate_90d', 'percent', 'cohort'),
      measure('fees.outstanding', 'money', 'as_of'),
    ],
    dimensions: [],
  },
]
const kpis = kpisOf(views)
const ask = (name: string, typed: Parameters<typeof readQuestion>[2]) =>
  readQuestion(findFamily(kpis, name), views, typed)

test('the decline mix is all its groups', () => {
  const { parts } = findFamily(kpis, 'decline_mix')
  expect(parts.map(({ label }) => label)).toEqual(['fraud', 'technical'])
})

test('a mistyped KPI is answered with the nearest names and the list', () => {
  expect(() => findFamily(kpis, 'outstandig')).toThrow('Did you mean outstanding? ')
  expect(() => findFamily(kpis, 'outstandig')).toThrow('authorisation_rate_attempt')
})

test('names that only begin alike are no family when their units differ', () => {
  expect(() => findFamily(kpis, 'a')).toThrow('There is no KPI "a"')
})

test('a mistyped dimension is answered with those the KPI has', () => {
  expect(() => ask('decline_mix', { by: 'market' })).toThrow(
    'decline_mix has no dimension "market". Did you mean marketplace? ' +
      'It can be split by marketplace, partner, day, week, month, quarter, year.',
  )
})

test('a KPI is split by dimensions and one span of time', () => {
  expect(ask('decline_mix', { by: 'marketplace, week' })).toMatchObject({
    by: ['marketplace'],
    every: 'week',
  })
  expect(() => ask('decline_mix', { by: 'week,month' })).toThrow('not week and month')
})

test('days are a week or a range, whole and in order', () => {
  const period = (typed: object) => ask('decline_mix', typed).period
  expect(period({})).toBe(null)
  expect(period({ from: '2026-10-01', to: '2026-10-31' })).toEqual({
    from: '2026-10-01',
    to: '2026-10-31',
  })
  expect(() => period({ week: '2026-W40', from: '2026-10-01' })).toThrow('not both')
  expect(() => period({ from: '2026-10-01' })).toThrow('go together')
  expect(() => period({ from: '2026-10-02', to: '2026-10-01' })).toThrow('swap them')
})

test('a cohort is told for the newest week that is old enough as a whole', () => {
  const watermark = { asOf: '2027-02-02', lastCompleteWeek: '2027-01-25' }
  const period = (basis: 'cohort' | 'as_of' | 'event', maturesAfter: number | null) =>
    newestPeriod({ basis, maturesAfter }, watermark)
  expect(period('cohort', 90)).toEqual({ from: '2026-10-26', to: '2026-11-01' })
  expect(period('cohort', 7)).toEqual({ from: '2027-01-18', to: '2027-01-24' })
  expect(period('event', null)).toEqual({ from: '2027-01-25', to: '2027-01-31' })
  expect(period('as_of', null)).toEqual({ from: '2027-02-02', to: '2027-02-02' })
})

test('the target of the quarter goes before that of the year', () => {
  const targets = new Map([
    ['fcr 2027', '0.75'],
    ['fcr 2027-Q2', '0.80'],
  ])
  expect(targetFor(targets, 'fcr', '2027-03-31')).toBe('0.75')
  expect(targetFor(targets, 'fcr', '2027-04-01')).toBe('0.80')
  expect(targetFor(targets, 'fcr', '2026-04-01')).toBe(null)
})

test('lower is better where the KPI says so, and a value to watch is never judged', () => {
  expect(standingOf({ direction: 'down' }, '7', '8')).toEqual({ gap: -1, isMet: true })
  expect(standingOf({ direction: 'up' }, '7', '8')).toEqual({ gap: -1, isMet: false })
  expect(standingOf({ direction: 'watch' }, '7', '8')).toBe(null)
  expect(standingOf({ direction: 'up' }, null, '8')).toBe(null)
})
