/** Each planted story must be visible where truth.json says it is, at the demo's size. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desks } from '#pipelines/demo/appeal-desks.ts'
import { workQueue } from '#pipelines/demo/appeal-queue.ts'
import { arrivals } from '#pipelines/demo/appeals.ts'
import { ContactFeed } from '#pipelines/demo/contacts.ts'
import { makeCostPools } from '#pipelines/demo/cost-pools.ts'
import { liveFee } from '#pipelines/demo/fee-life.ts'
import { feesOfMonth } from '#pipelines/demo/fees.ts'
import type { Fee } from '#pipelines/demo/fees.ts'
import { publishRates } from '#pipelines/demo/fx.ts'
import { incidents } from '#pipelines/demo/incidents.ts'
import { marketplaceOf } from '#pipelines/demo/marketplaces.ts'
import type { MarketplaceCode } from '#pipelines/demo/marketplaces.ts'
import { PaymentFeed } from '#pipelines/demo/payments.ts'
import { stream } from '#pipelines/demo/random.ts'
import { makeSellers } from '#pipelines/demo/sellers.ts'
import { staffLoss } from '#pipelines/demo/stories.ts'
import { dayOf, mondayOfWeek } from '#pipelines/demo/time.ts'
import { AppealTruth } from '#pipelines/demo/truth/appeals.ts'
import { ContactTruth } from '#pipelines/demo/truth/contacts.ts'
import { Euros } from '#pipelines/demo/truth/euros.ts'
import { FeeTruth } from '#pipelines/demo/truth/fees.ts'
import { PaymentTruth } from '#pipelines/demo/truth/payments.ts'

const SEED = 1
const euros = new Euros(publishRates(SEED))
let outDir = ''
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), 'recoup-demo-'))
})
afterAll(() => rmSync(outDir, { recursive: true }))

const during = (from: number, to: number, marketplace: MarketplaceCode | null = null) => ({
  marketplace: marketplace && marketplaceOf(marketplace).index,
  from,
  to,
})
const share = (part: bigint = 0n, whole: bigint = 1n) => Number(part) / Number(whole)

test('truth.json lists the stories a to j, and says which need feeds that come later', () => {
  expect(incidents.map(({ story }) => story).join('')).toBe('abcdefghij')
  expect(incidents.filter(({ feeds }) => feeds === 'later').map(({ story }) => story)).toEqual([
    'g',
    'i',
  ])
})

describe('fees', () => {
  const sellers = makeSellers(SEED, 6000)
  const chargedIn = (months: readonly string[]): Fee[] =>
    months.flatMap((month) =>
      sellers.flatMap((seller) =>
        feesOfMonth(SEED, seller, dayOf(`${month}-01`)).map((fee, at) => ({
          ...fee,
          id: `${seller.id}${month}${at}`,
        })),
      ),
    )
  const lifeOf = (fee: Fee) => liveFee(fee, stream(SEED, 'life', fee.id))
  const recovery30 = (fees: readonly Fee[], marketplace: MarketplaceCode) => {
    const truth = new FeeTruth(euros)
    for (const fee of fees) truth.add({ ...fee, events: lifeOf(fee) })
    const slice = { marketplace: marketplaceOf(marketplace).index, from: null, to: null }
    const [cohort] = truth.cohorts
    return share(cohort?.cash.sum(slice), cohort?.principal.sum(slice))
  }

  test('a. PL starts some 15 points under the others and has caught up after twenty weeks', () => {
    const atLaunch = chargedIn(['2025-10', '2025-11'])
    const later = chargedIn(['2026-04', '2026-05', '2026-06'])
    const behind = (fees: readonly Fee[]) => recovery30(fees, 'FR') - recovery30(fees, 'PL')
    expect(
      chargedIn(['2025-09']).filter(({ marketplace }) => marketplace.code === 'PL').length,
    ).toBeLessThan(20)
    expect(behind(atLaunch)).toBeGreaterThan(0.08)
    expect(behind(atLaunch)).toBeLessThan(0.25)
    expect(behind(later)).toBeLessThan(0.08)
  })

  test('b. from 2026 the service fee of small sellers is higher, that of large ones lower', () => {
    const meanOf = (month: string, tier: string) => {
      const fees = chargedIn([month]).filter(
        ({ kind, seller, marketplace }) =>
          kind === 'service_fee' && seller.tier === tier && marketplace.code === 'DE',
      )
      return fees.reduce((sum, { charged }) => sum + charged, 0) / fees.length
    }
    expect(meanOf('2026-01', 'small')).toBeGreaterThan(2 * meanOf('2025-12', 'small'))
    expect(meanOf('2026-01', 'large')).toBeLessThan(meanOf('2025-12', 'large'))
  })

  test('c. French textile is charged three times too much and put right six weeks later', () => {
    const wrong = chargedIn(['2026-03']).filter(({ charged, expected }) => charged > 2 * expected)
    expect(wrong.length).toBeGreaterThan(50)
    expect(
      new Set(wrong.map(({ category, marketplace }) => `${marketplace.code} ${category}`)),
    ).toEqual(new Set(['FR textile']))
    const refunded = wrong.filter((fee) => lifeOf(fee).some(({ type }) => type === 'refunded'))
    expect(refunded.length / wrong.length).toBeGreaterThan(0.5)
    const corrected = wrong.filter((fee) =>
      lifeOf(fee).some(
        ({ reason, amount }) =>
          reason === 'weight_correction' && amount === fee.expected - fee.charged,
      ),
    )
    expect(corrected.length / wrong.length).toBeGreaterThan(0.98)
  })
})

describe('payments', () => {
  test('d. while acquirer A is down its attempts fail as partner down or technical', () => {
    const truth = new PaymentTruth()
    const feed = new PaymentFeed(outDir, 'month', SEED, truth)
    const sunday = dayOf('2026-11-01')
    for (const day of [sunday - 7, sunday]) feed.sendDay(marketplaceOf('DE'), day, 3000)
    feed.close()
    const failed = (day: number) =>
      Number(
        truth.declinedBy.partner_down.sum(during(day, day)) +
          truth.declinedBy.technical.sum(during(day, day)),
      )
    expect(failed(sunday)).toBeGreaterThan(5 * failed(sunday - 7))
  })

  test('h. the ring shows as fraud declines in the US and nowhere else', () => {
    const truth = new PaymentTruth()
    const feed = new PaymentFeed(outDir, 'month', SEED, truth)
    const march = dayOf('2026-03-02')
    for (let day = march; day < march + 7; day++) {
      for (const code of ['US', 'UK'] as const) feed.sendDay(marketplaceOf(code), day, 1000)
    }
    feed.close()
    const fraud = (code: MarketplaceCode) =>
      share(
        truth.declinedBy.fraud.sum(during(march, march + 6, code)),
        truth.declined.sum(during(march, march + 6, code)),
      )
    expect(fraud('US')).toBeGreaterThan(2 * fraud('UK'))
  })
})

test('e. when a third of the staff is left out, decisions stay in time while attainment falls', () => {
  const desk = desks.find(({ marketplace }) => marketplace === 'IT')
  if (!desk) throw new Error('There is no desk for IT.')
  const truth = new AppealTruth()
  for (const appeal of workQueue(SEED, desk, arrivals(SEED, desk, 5400, 6000), 6000))
    truth.add(appeal)
  const attainment = (from: number, to: number) => {
    const met = truth.met.sum(during(from, to))
    return share(met, met + truth.missed.sum(during(from, to)))
  }
  const inStory = attainment(staffLoss.from, staffLoss.to)
  expect(inStory).toBeGreaterThan(0.45)
  expect(inStory).toBeLessThan(0.75)
  expect(attainment(mondayOfWeek(2026, 30), mondayOfWeek(2026, 35) - 1)).toBeGreaterThan(0.9)
  const old = (monday: number) =>
    truth.durations.filter(
      ({ day, seconds }) => day >= monday && day < monday + 7 && seconds > 7 * 86_400,
    ).length
  expect(old(staffLoss.from)).toBeGreaterThan(3 * old(staffLoss.from - 21))
})

test('f. offshore costs over a fifth less a contact, and settles fewer at the first one', () => {
  const feed = new ContactFeed(outDir, SEED)
  const before = dayOf('2026-02-02')
  const after = dayOf('2026-06-01')
  for (const start of [before, after]) {
    for (let day = start; day < start + 21; day++) {
      for (const code of ['DE', 'SE'] as const)
        feed.sendDay(marketplaceOf(code), day, 250, { first: 0, count: 0 })
    }
  }
  feed.close()
  const truth = new ContactTruth(feed.ledger, makeCostPools(SEED, feed.ledger), euros)
  const cost = (start: number, code: MarketplaceCode) =>
    share(
      truth.cost.sum(during(start, start + 20, code)),
      truth.handled.sum(during(start, start + 20, code)),
    )
  const fcr = (start: number, code: MarketplaceCode) =>
    share(
      truth.resolvedFirst.sum(during(start, start + 20, code)),
      truth.matureIssues.sum(during(start, start + 20, code)),
    )
  expect(cost(after, 'DE') / cost(before, 'DE')).toBeGreaterThan(0.62)
  expect(cost(after, 'DE') / cost(before, 'DE')).toBeLessThan(0.8)
  expect(fcr(before, 'DE') - fcr(after, 'DE')).toBeGreaterThan(0.05)
  expect(fcr(before, 'DE') - fcr(after, 'DE')).toBeLessThan(0.13)
  expect(
    Math.abs(cost(after, 'SE') / cost(before, 'SE') - 1),
    'j. nothing happens in SE',
  ).toBeLessThan(0.08)
  expect(Math.abs(fcr(before, 'SE') - fcr(after, 'SE'))).toBeLessThan(0.03)
})
