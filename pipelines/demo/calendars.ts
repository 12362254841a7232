import { zoneNamed } from '#kit/zone.ts'

import { dateText, dayOf, HOUR, weekday } from './time.ts'

/** An office of the demo: its hours, and the days on which it is closed although others are open. */
export interface Office {
  calendar: string
  zone: string
  opens: number
  closes: number
  /** Days of the week it opens, from Monday. */
  days: number
  holidays: readonly string[]
}

/** A stretch of opening hours, from an instant up to another. */
export interface OpenHours {
  from: number
  to: number
}

const christmas = [
  '2024-12-25',
  '2025-01-01',
  '2025-12-25',
  '2026-01-01',
  '2026-12-25',
  '2027-01-01',
]

const offices: readonly Office[] = [
  {
    calendar: 'warsaw_office',
    zone: 'Europe/Warsaw',
    opens: 8,
    closes: 18,
    days: 5,
    holidays: [
      ...christmas,
      '2024-12-26',
      '2025-01-06',
      '2025-04-21',
      '2025-05-01',
      '2025-06-19',
      '2025-08-15',
      '2025-11-11',
      '2025-12-24',
      '2025-12-26',
      '2026-01-06',
      '2026-04-06',
      '2026-05-01',
      '2026-06-04',
      '2026-11-11',
      '2026-12-24',
      '2027-01-06',
      '2027-03-29',
    ],
  },
  {
    calendar: 'tokyo_office',
    zone: 'Asia/Tokyo',
    opens: 9,
    closes: 18,
    days: 5,
    holidays: [
      '2024-12-31',
      '2025-01-01',
      '2025-01-02',
      '2025-01-03',
      '2025-01-13',
      '2025-02-11',
      '2025-02-24',
      '2025-03-20',
      '2025-04-29',
      '2025-05-05',
      '2025-05-06',
      '2025-07-21',
      '2025-08-11',
      '2025-09-15',
      '2025-09-23',
      '2025-10-13',
      '2025-11-03',
      '2025-11-24',
      '2025-12-31',
      '2026-01-01',
      '2026-01-02',
      '2026-01-12',
      '2026-02-11',
      '2026-02-23',
      '2026-03-20',
      '2026-04-29',
      '2026-05-04',
      '2026-05-05',
      '2026-05-06',
      '2026-07-20',
      '2026-08-11',
      '2026-09-21',
      '2026-09-22',
      '2026-09-23',
      '2026-10-12',
      '2026-11-03',
      '2026-11-23',
      '2026-12-31',
      '2027-01-01',
      '2027-01-11',
      '2027-02-11',
    ],
  },
  {
    calendar: 'lisbon_desk',
    zone: 'Europe/Lisbon',
    opens: 8,
    closes: 20,
    days: 6,
    holidays: [
      ...christmas,
      '2025-04-18',
      '2025-04-25',
      '2025-06-10',
      '2026-04-03',
      '2026-04-25',
      '2026-06-10',
    ],
  },
  {
    calendar: 'seattle_desk',
    zone: 'America/Los_Angeles',
    opens: 7,
    closes: 19,
    days: 6,
    holidays: [...christmas, '2025-07-04', '2025-11-27', '2026-07-04', '2026-11-26'],
  },
]

const FROM = dayOf('2024-12-01')
const TO = dayOf('2027-03-31')

/** The office of this calendar. */
export function officeOf(calendar: string): Office {
  const office = offices.find((known) => known.calendar === calendar)
  if (!office)
    throw new Error(
      `The demo has no calendar "${calendar}", only ${offices.map((known) => known.calendar).join(', ')}.`,
    )
  return office
}

/** The days an office is open. */
function openDays({ days, holidays }: Office): number[] {
  const all = Array.from({ length: TO - FROM + 1 }, (_, at) => FROM + at)
  return all.filter((day) => weekday(day) < days && !holidays.includes(dateText(day)))
}

/** The opening hours of an office as instants, in order. */
export function openHours(office: Office): OpenHours[] {
  const zone = zoneNamed(office.zone)
  return openDays(office).map((day) => ({
    from: zone.instantOf(day, office.opens * HOUR),
    to: zone.instantOf(day, office.closes * HOUR),
  }))
}

/** The lines of the calendar feed. */
export function calendarLines(): string[] {
  const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`
  return offices.flatMap((office) =>
    openDays(office).map(
      (day) =>
        `${office.calendar},${dateText(day)},${office.zone},${clock(office.opens)},${clock(office.closes)}\n`,
    ),
  )
}
