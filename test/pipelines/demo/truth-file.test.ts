/** The truth is counted while the events are made. Here a plain reading of the files must come to the same. */
import { afterAll, describe, expect, test } from 'vitest'
import { linesOf, makeSmall } from './small.ts'

const small = makeSmall(1)
afterAll(() => small[Symbol.dispose]())

const valueOf = (kpi: string, marketplace?: string, from: string | null = null) =>
  small.truth.kpis.find(
    (row) => row.kpi === kpi && row.slice.marketplace === marketplace && row.from === from,
  )?.value

/** The newest version of each event, whole lines only. */
function newest(feed: string, key: string): Record<string, string>[] {
  const rows = new Map<string, Record<string, string>>()
  for (const { cells, isWhole } of linesOf(small.outDir, feed)) {
    const id = cells[key] ?? ''
    if (!isWhole || cells['currency'] === 'EUX') continue
    if ((rows.get(id)?.['recorded_at'] ?? '') < (cells['recorded_at'] ?? '')) rows.set(id, cells)
  }
  return [...rows.values()]
}

test('attempts, declines and transactions', () => {
  const attempts = newest('payment_event', 'source_event_id').filter(
    ({ event_type, outcome, amount_minor }) =>
      event_type === 'attempt' &&
      Number(amount_minor) > 0 &&
      /authorised|declined|error/.test(outcome ?? ''),
  )
  const authorised = attempts.filter(({ outcome }) => outcome === 'authorised')
  expect(valueOf('attempts_submitted')).toBe(String(attempts.length))
  expect(valueOf('attempts_authorised')).toBe(String(authorised.length))
  expect(valueOf('declines')).toBe(String(attempts.length - authorised.length))
  expect(valueOf('transactions')).toBe(
    String(new Set(authorised.map((row) => row['payment_id'])).size),
  )
  const inJapan = attempts.filter(({ marketplace }) => marketplace === 'JP')
  expect(valueOf('attempts_submitted', 'JP')).toBe(String(inJapan.length))
})

test('charges and cash of a euro marketplace, to the cent', () => {
  const german = new Set(
    newest('fee', 'fee_id')
      .filter(({ marketplace }) => marketplace === 'DE')
      .map((row) => row['fee_id']),
  )
  const rows = newest('fee_event', 'source_event_id')
  const superseded = new Set(rows.map((row) => row['supersedes']))
  const events = rows
    .filter((row) => german.has(row['fee_id']) && !superseded.has(row['source_event_id']))
    .sort((a, b) => ((a['occurred_at'] ?? '') < (b['occurred_at'] ?? '') ? -1 : 1))
  const charge = new Map<string, number>()
  let cash = 0
  for (const { fee_id = '', event_type = '', amount_minor, amount_kind } of events) {
    const amount = Number(amount_minor)
    const before = charge.get(fee_id) ?? 0
    if (amount_kind === 'restated') charge.set(fee_id, amount)
    else if (/charged|adjusted/.test(event_type)) charge.set(fee_id, before + amount)
    else if (event_type === 'waived') charge.set(fee_id, before - amount)
    else if (/^(collected|recovered)$/.test(event_type)) cash += amount
    else if (/collection_reversed|refunded/.test(event_type)) cash -= amount
  }
  const charged = [...charge.values()].reduce((sum, minor) => sum + minor, 0)
  expect(valueOf('fees_charged', 'DE')).toBe((charged / 100).toFixed(2))
  expect(valueOf('fees_collected', 'DE')).toBe((cash / 100).toFixed(2))
})

test('appeals received and decided, contacts that came in', () => {
  const events = newest('case_event', 'source_event_id')
  const count = (type: string) =>
    String(events.filter(({ event_type }) => event_type === type).length)
  expect(valueOf('appeals_received')).toBe(count('received'))
  expect(valueOf('appeals_decided')).toBe(count('decided'))
  const inbound = newest('contact', 'source_event_id').filter(
    ({ direction, is_spam }) => direction === 'inbound' && is_spam === 'false',
  )
  expect(valueOf('contacts_inbound')).toBe(String(inbound.length))
})

describe('what the numbers hang together by', () => {
  test('buckets add up to the outstanding, and to the backlog', () => {
    const rows = small.truth.kpis.filter(
      ({ from, slice }) => from === '2027-02-02' && !slice.marketplace,
    )
    const sumOf = (pattern: RegExp) =>
      rows.filter(({ kpi }) => pattern.test(kpi)).reduce((sum, { value }) => sum + Number(value), 0)
    expect(sumOf(/^outstanding_/)).toBeCloseTo(
      Number(valueOf('outstanding', undefined, '2027-02-02')),
      1,
    )
    expect(sumOf(/^backlog_/)).toBe(Number(valueOf('backlog', undefined, '2027-02-02')))
  })

  test('the week of 2027-W04 is the last complete one, and 2 February the last ended day', () => {
    const families = Object.values(small.truth.feeds)
    expect(families).toHaveLength(4)
    for (const family of families) {
      expect(family).toEqual({ asOf: '2027-02-02', lastCompleteWeek: '2027-01-25' })
    }
  })

  test('a programme without fees has no value of them, not even zero', () => {
    expect(valueOf('fees_charged', 'US')).toBeUndefined()
    expect(valueOf('attempts_submitted', 'US')).toBeDefined()
  })

  test.for<[string, number, number]>([
    ['recovery_cohort_rate_90d', 0.8, 0.92],
    ['recovery_cash_rate', 0.8, 1],
    ['authorisation_rate_attempt', 0.9, 0.94],
    ['authorisation_rate_payment', 0.94, 0.98],
    ['sla_attainment', 0.9, 0.999],
    ['overturn_rate', 0.2, 0.4],
    ['fcr', 0.65, 0.85],
    ['contact_rate', 60, 130],
    ['aht_minutes', 5, 10],
  ])('%s is plausible', ([kpi, low, high]) => {
    expect(Number(valueOf(kpi))).toBeGreaterThan(low)
    expect(Number(valueOf(kpi))).toBeLessThan(high)
  })
})
