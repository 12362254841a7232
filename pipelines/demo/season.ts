import { dateText, weekday } from './time.ts'

const monthly = [1.05, 0.85, 0.9, 0.9, 0.92, 0.9, 0.9, 0.86, 0.95, 1.05, 1.55, 1.65]
const ofOrders = [0.98, 0.94, 0.93, 0.96, 1.02, 1.1, 1.07]
const ofContacts = [1.38, 1.15, 1.05, 1.0, 0.98, 0.76, 0.68]

/** How much is sold in the month of a day, 1 being an ordinary month. */
export const monthSeason = (day: number) => monthly[monthOf(day)] ?? 1

/** How many orders a day brings, 1 being an ordinary day: November and December are high. */
export const orderSeason = (day: number) => monthSeason(day) * (ofOrders[weekday(day)] ?? 1)

/** How many contacts an order of the day causes: Mondays, and the returns of January. */
export const contactSeason = (day: number) =>
  (ofContacts[weekday(day)] ?? 1) * (monthOf(day) === 0 ? 1.3 : 1)

const hours = [
  18, 10, 6, 4, 4, 6, 12, 24, 40, 52, 60, 64, 66, 62, 58, 58, 62, 70, 80, 92, 100, 92, 64, 36,
]
const total = hours.reduce((sum, weight) => sum + weight, 0)

/** Maps a draw in [0, 1) to a second of the day: few at night, many in the evening, some at midnight. */
export const secondOfDay: (draw: number) => number = (() => {
  const table = new Uint32Array(4096)
  let hour = 0
  let before = 0
  for (let at = 0; at < table.length; at++) {
    const want = ((at + 0.5) / table.length) * total
    while (before + (hours[hour] ?? 0) < want) before += hours[hour++] ?? 0
    table[at] = hour * 3600 + ((want - before) / (hours[hour] ?? 1)) * 3600
  }
  return (draw) => {
    const scaled = draw * table.length
    const at = Math.floor(scaled)
    const from = table[at] as number
    const to = table[at + 1] ?? 86_400
    return Math.min(86_399, Math.floor(from + (scaled - at) * (to - from)))
  }
})()

function monthOf(day: number): number {
  return Number(dateText(day).slice(5, 7)) - 1
}
