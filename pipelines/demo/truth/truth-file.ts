import { incidents } from '../incidents.ts'
import { marketplaces } from '../marketplaces.ts'
import { dateText, EXTRACTED_AT, instantText } from '../time.ts'
import { periodKpis, stateKpis } from './kpis.ts'
import type { Kpi, Truth } from './kpis.ts'
import type { Slice } from './series.ts'
import { AS_OF, LAST_COMPLETE_WEEK, WEEKS } from './weeks.ts'

/** One value of truth.json. */
export interface TruthValue {
  kpi: string
  slice: { marketplace?: string }
  from: string | null
  to: string | null
  value: string | null
}

/** What the warehouse must show after the demo's feeds are loaded. */
export interface TruthFile {
  synthetic: true
  preset: string
  seed: number
  recordedThrough: string
  feeds: Record<
    'fees' | 'payments' | 'cases' | 'contacts',
    { asOf: string; lastCompleteWeek: string }
  >
  kpis: TruthValue[]
  quarantined: Record<string, number>
  incidents: typeof incidents
}

/** The truth file's content. */
export function truthFile(
  preset: string,
  seed: number,
  truth: Truth,
  quarantined: Record<string, number>,
): TruthFile {
  const watermark = { asOf: dateText(AS_OF), lastCompleteWeek: dateText(LAST_COMPLETE_WEEK) }
  const ofFamily = (kpi: string, marketplace: number) =>
    marketplaces[marketplace]?.sellers !== 0 || !isAboutFees(kpi)
  const kpis: TruthValue[] = []
  const say = (name: string, kpi: Kpi, slice: Slice) => {
    if (slice.marketplace !== null && !ofFamily(name, slice.marketplace)) return
    kpis.push({
      kpi: name,
      slice: codeOf(slice),
      from: dateOrNull(slice.from),
      to: dateOrNull(slice.to),
      value: kpi(slice),
    })
  }
  const each = [null, ...marketplaces.map(({ index }) => index)]
  for (const [name, kpi] of Object.entries(periodKpis(truth))) {
    for (const marketplace of each) say(name, kpi, { marketplace, from: null, to: null })
    for (const monday of WEEKS) say(name, kpi, { marketplace: null, from: monday, to: monday + 6 })
  }
  for (const [name, kpi] of Object.entries(stateKpis(truth))) {
    for (const monday of WEEKS)
      say(name, kpi, { marketplace: null, from: monday + 6, to: monday + 6 })
    for (const marketplace of each) say(name, kpi, { marketplace, from: AS_OF, to: AS_OF })
  }
  return {
    synthetic: true,
    preset,
    seed,
    recordedThrough: instantText(EXTRACTED_AT),
    feeds: { fees: watermark, payments: watermark, cases: watermark, contacts: watermark },
    kpis,
    quarantined,
    incidents,
  }
}

/** Fees are charged in some marketplaces only; the others have no value of them, not even zero. */
const isAboutFees = (kpi: string) => /^(fees_|recovery_|outstanding|unapplied_)/.test(kpi)

const dateOrNull = (day: number | null) => (day === null ? null : dateText(day))

const codeOf = ({ marketplace }: Slice): TruthValue['slice'] => {
  const code = marketplace === null ? undefined : marketplaces[marketplace]?.code
  return code === undefined ? {} : { marketplace: code }
}
