/** The demo: a make-believe marketplace whose feeds are dirty and whose truth is known. All of it is synthetic. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { desks } from './appeal-desks.ts'
import { workQueue } from './appeal-queue.ts'
import { arrivals, makeAppeal } from './appeals.ts'
import { CaseFeed } from './case-feed.ts'
import { ContactFeed } from './contacts.ts'
import type { PaymentRange } from './contacts.ts'
import { costPoolLines, makeCostPools } from './cost-pools.ts'
import { FeeFeed } from './fee-feed.ts'
import { liveFee } from './fee-life.ts'
import { feesOfMonth } from './fees.ts'
import type { Fee } from './fees.ts'
import type { Written } from './feed-files.ts'
import { publishRates, wideRates } from './fx.ts'
import { marketplaceOf, marketplaces } from './marketplaces.ts'
import { PaymentFeed } from './payments.ts'
import { PRESETS } from './presets.ts'
import type { Preset, PresetName } from './presets.ts'
import { stream } from './random.ts'
import { writeReference } from './reference.ts'
import { contactSeason, orderSeason } from './season.ts'
import { makeSellers } from './sellers.ts'
import type { Seller } from './sellers.ts'
import { outage } from './stories.ts'
import { DAY, dayOf, EXTRACTED_AT, FIRST_DAY, HOUR } from './time.ts'
import { AppealTruth } from './truth/appeals.ts'
import { ContactTruth } from './truth/contacts.ts'
import { Euros } from './truth/euros.ts'
import { FeeTruth } from './truth/fees.ts'
import { PaymentTruth } from './truth/payments.ts'
import { truthFile } from './truth/truth-file.ts'

/** What to make, and where. */
export interface DemoOptions {
  preset: PresetName
  seed: number
  outDir: string
  /** Told now and then how much is done, from 0 to 1. */
  onProgress?: (share: number, doing: string) => void
}

/** What was made. */
export interface DemoResult {
  preset: PresetName
  seed: number
  feeds: Record<string, Written>
  seconds: number
}

const SYNTHETIC = `Everything in this folder is synthetic: a make-believe marketplace, drawn from a seed.
No seller, customer, payment or partner in it exists. truth.json holds the values that
the numbers must come to, counted while the events were made, not from these files.
`
const DAYS = Math.ceil(EXTRACTED_AT / DAY) - FIRST_DAY + 1

/** Writes the demo's feeds, one folder a feed, with truth.json beside them. Same seed, same bytes. */
export function generateDemo({
  preset,
  seed,
  outDir,
  onProgress = () => {},
}: DemoOptions): DemoResult {
  const startedAt = performance.now()
  const size: Preset = PRESETS[preset]
  const making = { outDir, seed, size }
  mkdirSync(outDir, { recursive: true })
  writeFileSync(join(outDir, 'SYNTHETIC.txt'), SYNTHETIC)
  const published = publishRates(seed)
  const euros = new Euros(published)
  const sellers = makeSellers(seed, size.sellers)

  const fees = new FeeTruth(euros)
  const feeFeeds = makeFees(making, sellers, fees, (share) => onProgress(share * 0.35, 'fees'))
  const appeals = new AppealTruth()
  const caseFeeds = makeAppeals(making, appeals, (share) =>
    onProgress(0.35 + share * 0.1, 'appeals'),
  )
  const payments = new PaymentTruth()
  const { contacts, feeds } = makePayments(making, payments, (share) =>
    onProgress(0.45 + share * 0.5, 'payments and contacts'),
  )
  const pools = makeCostPools(seed, contacts)
  const reference = writeReference(outDir, {
    sellers,
    costPoolLines: costPoolLines(pools),
    wideRates: wideRates(published),
  })

  const truth = { fees, payments, appeals, contacts: new ContactTruth(contacts, pools, euros) }
  const quarantined = { fee_event: 1, payment_event: 1 }
  writeFileSync(
    join(outDir, 'truth.json'),
    `${JSON.stringify(truthFile(preset, seed, truth, quarantined), null, 1)}\n`,
  )
  onProgress(1, 'done')
  const seconds = (performance.now() - startedAt) / 1000
  return { preset, seed, feeds: { ...feeFeeds, ...caseFeeds, ...feeds, ...reference }, seconds }
}

interface Making {
  outDir: string
  seed: number
  size: Preset
}

type Progress = (share: number) => void

function makeFees(
  { outDir, seed, size }: Making,
  sellers: readonly Seller[],
  truth: FeeTruth,
  onProgress: Progress,
): Record<string, Written> {
  const feed = new FeeFeed(outDir, size.cut, truth)
  const starts = monthStarts()
  let made = 0
  let last: Fee | undefined
  for (const [at, monthStart] of starts.entries()) {
    for (const seller of sellers) {
      for (const [number, assessed] of feesOfMonth(seed, seller, monthStart).entries()) {
        const fee: Fee = { ...assessed, id: feeId(made++) }
        const random = stream(seed, 'fee', seller.index, monthStart, number)
        feed.send(fee, liveFee(fee, random), random)
        if (monthStart === dayOf('2026-06-01') && !last)
          feed.sendUnknownCurrency(fee, fee.chargedAt + HOUR)
        if (monthStart >= dayOf('2026-06-01')) last = fee
      }
    }
    onProgress((at + 1) / starts.length)
  }
  if (last) feed.sendLast({ ...last, id: feeId(made), chargedAt: EXTRACTED_AT - HOUR / 2 })
  return feed.close()
}

function makeAppeals(
  { outDir, seed, size }: Making,
  truth: AppealTruth,
  onProgress: Progress,
): Record<string, Written> {
  const appeals = desks.flatMap((desk, at) => {
    const first = arrivals(seed, desk, size.appeals * desk.appeals * 0.96, size.sellers)
    onProgress((at + 1) / desks.length / 2)
    return workQueue(seed, desk, first, size.sellers)
  })
  appeals.sort((a, b) => a.receivedAt - b.receivedAt)
  appeals.forEach((appeal, at) => {
    appeal.id = `C${at.toString(36).padStart(4, '0')}`
  })
  const feed = new CaseFeed(outDir, truth)
  for (const appeal of appeals) feed.send(appeal)
  const inUs = desks.find(({ marketplace }) => marketplace === 'US')
  if (inUs)
    feed.sendLast({
      ...makeAppeal(inUs, EXTRACTED_AT - HOUR / 2, null, size.sellers, stream(seed, 'last appeal')),
      id: 'Clast',
    })
  onProgress(1)
  return feed.close()
}

function makePayments({ outDir, seed, size }: Making, truth: PaymentTruth, onProgress: Progress) {
  const feed = new PaymentFeed(outDir, size.cut, seed, truth)
  const contacts = new ContactFeed(outDir, seed)
  const days = Array.from({ length: DAYS }, (_, at) => FIRST_DAY + at)
  const orders = days.map(orderSeason)
  const contactsOfDay = days.map((day, at) => (orders[at] ?? 0) * contactSeason(day))
  const ordersScale = size.payments / sum(orders)
  const contactScale = (0.765 * size.contacts) / sum(contactsOfDay)
  for (const [at, day] of days.entries()) {
    for (const marketplace of marketplaces) {
      const range: PaymentRange = feed.sendDay(
        marketplace,
        day,
        (orders[at] ?? 0) * ordersScale * marketplace.orders,
      )
      const isAfterOutage = outage.contactDays.includes(day) && marketplace.code !== 'SE'
      const more = isAfterOutage ? outage.contactFactor : 1
      contacts.sendDay(
        marketplace,
        day,
        (contactsOfDay[at] ?? 0) * contactScale * marketplace.orders * more,
        range,
      )
    }
    if (at % 16 === 0) onProgress(at / days.length)
  }
  feed.sendLast(marketplaceOf('US'))
  contacts.sendLast(marketplaceOf('US'), stream(seed, 'last contact'))
  feed.sendBrokenFile()
  return {
    contacts: contacts.ledger,
    feeds: { payment_event: feed.close(), contact: contacts.close() },
  }
}

const feeId = (number: number) => `F${number.toString(36).padStart(4, '0')}`

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function monthStarts(): number[] {
  return Array.from({ length: 27 }, (_, at) => {
    const month = 11 + at
    return dayOf(`${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`)
  })
}
