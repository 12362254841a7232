import { describe, expect, test } from 'vitest'
import type { FeeEvent, FeeEventType } from '#pipelines/demo/fee-life.ts'
import { marketplaceOf } from '#pipelines/demo/marketplaces.ts'
import { dayOf, secondOf } from '#pipelines/demo/time.ts'
import { AppealTruth } from '#pipelines/demo/truth/appeals.ts'
import { Euros } from '#pipelines/demo/truth/euros.ts'
import { decimalText, divideRounded, moneyText, ratioText } from '#pipelines/demo/truth/exact.ts'
import { FeeTruth } from '#pipelines/demo/truth/fees.ts'
import { kaplanMeier } from '#pipelines/demo/truth/kaplan-meier.ts'
import { policyFor, elapsed } from '#pipelines/demo/truth/sla-clock.ts'

const everything = { marketplace: null, from: null, to: null }
const friday = dayOf('2026-10-16')
const euros = new Euros([
  {
    day: friday - 1,
    rates: new Map([
      ['GBP', '0.80'],
      ['SEK', '11.0'],
    ]),
  },
  {
    day: friday,
    rates: new Map([
      ['GBP', '0.87058'],
      ['SEK', '10.892'],
    ]),
  },
])

describe('exact arithmetic', () => {
  test('halves are rounded away from zero', () => {
    expect([5n, -5n, 4n, -4n, 15n].map((n) => divideRounded(n, 10n))).toEqual([1n, -1n, 0n, 0n, 2n])
    expect(moneyText(-12_345_000_000n)).toBe('-1.23')
    expect(decimalText(-5n, 2)).toBe('-0.05')
    expect(ratioText(2n, 3n)).toBe('0.666666666667')
    expect(ratioText(1n, 0n)).toBeNull()
  })

  test("the weekend uses Friday's rate, for seven days at most", () => {
    expect(euros.of(10_000, 2, 'GBP', friday + 2)).toBe(1_148_659_514_347n)
    expect(euros.of(10_000, 2, 'GBP', friday + 7)).toBe(1_148_659_514_347n)
    expect(() => euros.of(10_000, 2, 'GBP', friday + 8)).toThrow('no rate for GBP on 2026-10-24')
  })

  test('the exponent belongs to the ledger: Swedish fees come in whole kronor', () => {
    expect(euros.of(10_892, 0, 'SEK', friday)).toBe(10_000_000_000_000n)
  })
})

describe('fees', () => {
  const DE = marketplaceOf('DE')
  const event = (
    type: FeeEventType,
    at: string,
    amount: number,
    reason: string | null = null,
  ): FeeEvent => ({ type, at: secondOf(at), amount, reason })
  const truthOf = (events: FeeEvent[], dueOn = '2026-02-28') => {
    const truth = new FeeTruth(euros)
    truth.add({ marketplace: DE, exponent: 2, dueOn: dayOf(dueOn), events })
    return truth
  }
  const cohort90 = (truth: FeeTruth) => {
    const found = truth.cohorts.find(({ age }) => age === 90)
    return [found?.cash.sum(everything), found?.principal.sum(everything)].map((sum) =>
      moneyText(sum ?? 0n),
    )
  }

  test('an overcharge that is refunded leaves the recovery at 100 %', () => {
    const truth = truthOf([
      event('charged', '2026-02-01T10:00:00Z', 10_000),
      event('collected', '2026-02-05T10:00:00Z', 10_000),
      event('adjusted', '2026-03-01T10:00:00Z', -4000, 'weight_correction'),
      event('refunded', '2026-03-05T10:00:00Z', 4000),
    ])
    expect(cohort90(truth)).toEqual(['60.00', '60.00'])
  })

  test('a late penalty is charged but is no principal', () => {
    const truth = truthOf([
      event('charged', '2026-02-01T10:00:00Z', 10_000),
      event('adjusted', '2026-03-20T10:00:00Z', 500, 'late_fee'),
    ])
    expect(cohort90(truth)).toEqual(['0.00', '100.00'])
    expect(moneyText(truth.charged.sum(everything))).toBe('105.00')
  })

  test('cash on day 90 counts at 90 days, cash on day 91 does not', () => {
    const charged = event('charged', '2026-02-01T10:00:00Z', 10_000)
    expect(
      cohort90(truthOf([charged, event('collected', '2026-05-02T21:59:00Z', 10_000)]))[0],
    ).toBe('100.00')
    expect(
      cohort90(truthOf([charged, event('collected', '2026-05-02T22:01:00Z', 10_000)]))[0],
    ).toBe('0.00')
  })

  test('what is recovered after a write-off is cash, and leaves nothing outstanding', () => {
    const truth = truthOf([
      event('charged', '2026-02-01T10:00:00Z', 10_000),
      event('written_off', '2026-08-01T10:00:00Z', 10_000),
      event('recovered', '2026-10-01T10:00:00Z', 3000),
    ])
    expect(moneyText(truth.cash.sum(everything))).toBe('30.00')
    const open = [...truth.buckets.values()].map((series) =>
      series.sum({ marketplace: 0, from: dayOf('2026-12-01'), to: null }),
    )
    expect(open.every((balance) => balance === 0n)).toBe(true)
  })

  test.for([
    ['2027-02-02', 'outstanding_current'],
    ['2027-02-01', 'outstanding_1_30'],
    ['2027-01-03', 'outstanding_1_30'],
    ['2027-01-02', 'outstanding_31_60'],
    ['2026-02-02', 'outstanding_181_365'],
    ['2026-02-01', 'outstanding_over_365'],
  ])('on 2 February 2027 a fee due on %s is in %s', ([dueOn, bucket]) => {
    const truth = truthOf([event('charged', '2026-01-01T10:00:00Z', 10_000)], dueOn)
    const today = { marketplace: null, from: dayOf('2027-02-02'), to: dayOf('2027-02-02') }
    const filled = [...truth.buckets]
      .filter(([, series]) => series.sum(today) !== 0n)
      .map(([name]) => name)
    expect(filled).toEqual([bucket])
  })

  test('a credit is shown apart, as a positive amount', () => {
    const truth = truthOf([
      event('charged', '2026-01-01T10:00:00Z', 10_000),
      event('collected', '2026-01-02T10:00:00Z', 12_000),
    ])
    const today = { marketplace: null, from: dayOf('2027-02-02'), to: dayOf('2027-02-02') }
    expect(moneyText(truth.buckets.get('unapplied_credit')?.sum(today) ?? 0n)).toBe('20.00')
  })

  test('a fee charged one minute before midnight in Berlin belongs to the day that ends', () => {
    const truth = truthOf([
      event('charged', '2026-06-30T21:59:00Z', 100),
      event('adjusted', '2026-06-30T22:00:00Z', 11, 'late_fee'),
    ])
    const june = { marketplace: null, from: null, to: dayOf('2026-06-30') }
    expect(moneyText(truth.charged.sum(june))).toBe('1.00')
  })
})

describe('appeals', () => {
  const hours = (n: number) => n * 3600

  test('without open cases the median is the nearest rank', () => {
    const durations = [1, 2, 3, 4].map((seconds) => ({ seconds, hasEnded: true }))
    expect([0.5, 0.51, 0.9, 1].map((share) => kaplanMeier(durations, share))).toEqual([2, 3, 4, 4])
  })

  test('open cases move the median up, and too many leave none', () => {
    const some = [
      { seconds: 1, hasEnded: true },
      { seconds: 1, hasEnded: false },
      { seconds: 3, hasEnded: true },
      { seconds: 5, hasEnded: true },
    ]
    expect(kaplanMeier(some, 0.5)).toBe(3)
    expect(
      kaplanMeier(
        [
          { seconds: 1, hasEnded: true },
          { seconds: 2, hasEnded: false },
        ],
        0.9,
      ),
    ).toBeNull()
  })

  test('a business clock stands still at night, on Sundays and on a Polish holiday', () => {
    const policy = policyFor(marketplaceOf('PL'), dayOf('2026-11-10'))
    const from = secondOf('2026-11-10T16:00:00Z')
    expect(elapsed(policy, [from, secondOf('2026-11-12T08:00:00Z')], [])).toBe(hours(2))
  })

  test('waiting on the seller stops the clock where the policy says so', () => {
    const span = [secondOf('2026-10-14T08:00:00Z'), secondOf('2026-10-15T08:00:00Z')] as const
    const waits = [[span[0] + hours(1), span[0] + hours(5)]] as const
    expect(elapsed(policyFor(marketplaceOf('DE'), dayOf('2026-10-14')), span, waits)).toBe(
      hours(20),
    )
    expect(elapsed(policyFor(marketplaceOf('US'), dayOf('2026-10-14')), span, waits)).toBe(
      hours(24),
    )
  })

  test('an appeal that nobody decides is missed once its time is up, and stays in the backlog', () => {
    const truth = new AppealTruth()
    truth.add({
      marketplace: marketplaceOf('DE'),
      events: [{ type: 'received', at: secondOf('2027-01-20T10:00:00Z') }],
    })
    truth.add({
      marketplace: marketplaceOf('DE'),
      events: [{ type: 'received', at: secondOf('2027-02-02T10:00:00Z') }],
    })
    expect(
      [truth.met, truth.missed, truth.pending].map((series) => series.sum(everything)),
    ).toEqual([0n, 1n, 1n])
    const today = { marketplace: null, from: dayOf('2027-02-02'), to: dayOf('2027-02-02') }
    expect(truth.buckets.get('backlog_7_14')?.sum(today)).toBe(1n)
    expect(truth.buckets.get('backlog_0_1')?.sum(today)).toBe(1n)
  })

  test('a reopened appeal is a new cycle, and is received only once', () => {
    const truth = new AppealTruth()
    const at = secondOf('2026-10-14T08:00:00Z')
    truth.add({
      marketplace: marketplaceOf('DE'),
      events: [
        { type: 'received', at },
        { type: 'decided', at: at + hours(10), decision: 'upheld' },
        { type: 'reopened', at: at + hours(100) },
        { type: 'decided', at: at + hours(300), decision: 'overturned' },
      ],
    })
    expect(
      [truth.received, truth.decided, truth.met, truth.missed].map((series) =>
        series.sum(everything),
      ),
    ).toEqual([1n, 2n, 1n, 1n])
  })
})
