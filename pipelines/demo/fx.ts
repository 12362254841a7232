import { stream } from './random.ts'
import {
  CALENDAR_DAYS,
  CALENDAR_START,
  dateText,
  dayOf,
  EXTRACTED_AT,
  DAY,
  weekday,
} from './time.ts'

/** First day with a published rate: early enough for the first event's weekend. */
const FIRST_PUBLISHED = dayOf('2024-11-25')

/** Currency, level in late 2024, drift over the two years, digits published. */
const quoted: [string, number, number, number][] = [
  ['USD', 1.056, 0.1, 4],
  ['JPY', 159.4, 0.14, 2],
  ['GBP', 0.828, 0.05, 5],
  ['PLN', 4.26, 0, 4],
  ['SEK', 11.53, -0.05, 4],
  ['PHP', 61.2, 0.13, 3],
]

/** Columns the published file has without a rate in them. */
const silent = ['BGN', 'HRK', 'RUB']

/** Days on which the central banks' settlement system is closed. */
const closed = new Set(
  [
    '2024-12-25',
    '2024-12-26',
    '2025-01-01',
    '2025-04-18',
    '2025-04-21',
    '2025-05-01',
    '2025-12-25',
    '2025-12-26',
    '2026-01-01',
    '2026-04-03',
    '2026-04-06',
    '2026-05-01',
    '2026-12-25',
    '2027-01-01',
  ].map(dayOf),
)

/** One day's published rates, as texts by currency. */
export interface PublishedRates {
  day: number
  rates: Map<string, string>
}

/** Made-up reference rates near real levels: a random walk on working days. */
export function publishRates(seed: number): PublishedRates[] {
  const walks = quoted.map(([currency, level, drift, digits]) => ({
    currency,
    digits,
    level,
    drift,
    swing: 0,
    random: stream(seed, 'fx', currency),
  }))
  const published: PublishedRates[] = []
  for (let day = FIRST_PUBLISHED; day < EXTRACTED_AT / DAY; day++) {
    if (weekday(day) > 4 || closed.has(day)) continue
    const rates = new Map<string, string>()
    const passed = (day - CALENDAR_START) / CALENDAR_DAYS
    for (const walk of walks) {
      walk.swing = walk.swing * 0.995 + walk.random.normal() * 0.0035
      rates.set(
        walk.currency,
        (walk.level * Math.exp(walk.drift * passed + walk.swing)).toFixed(walk.digits),
      )
    }
    published.push({ day, rates })
  }
  return published
}

/** The rates as the wide file the European Central Bank publishes: newest day first, N/A where silent. */
export function wideRates(published: readonly PublishedRates[]): string {
  const header = ['Date', ...quoted.map(([currency]) => currency), ...silent, 'Source']
  const lines = published
    .toReversed()
    .map(({ day, rates }) => [
      dateText(day),
      ...quoted.map(([currency]) => rates.get(currency)),
      ...silent.map(() => 'N/A'),
      'demo',
    ])
  return [header, ...lines].map((cells) => `${cells.join(',')}\n`).join('')
}
