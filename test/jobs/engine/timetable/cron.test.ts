import { expect, test } from 'vitest'

import { newestDue, nextDue } from '#jobs/engine/timetable/cron.ts'

const berlin = (cron: string) => ({ cron, zone: 'Europe/Berlin' })

/** All times after one instant, up to another. */
function dueIn(timing: { cron: string; zone: string }, from: string, to: string): string[] {
  const times: string[] = []
  for (let at = nextDue(timing, new Date(from)); at <= new Date(to); at = nextDue(timing, at))
    times.push(at.toISOString().slice(5, 16))
  return times
}

test('a time that the clocks skip is due once, when they have skipped it', () => {
  expect(dueIn(berlin('30 2 * * *'), '2026-03-27T12:00Z', '2026-03-30T12:00Z')).toEqual([
    '03-28T01:30',
    '03-29T01:00',
    '03-30T00:30',
  ])
})

test('a time that the clocks show twice is due once', () => {
  expect(dueIn(berlin('30 2 * * *'), '2026-10-23T12:00Z', '2026-10-26T12:00Z')).toHaveLength(3)
})

test.for(['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z'])(
  'from any minute of the night after %s the next time is the same as from its beginning',
  (noon) => {
    const timing = berlin('30 2 * * *')
    const start = Date.parse(noon)
    const times = new Set<string>()
    for (let minute = 0; minute < 24 * 60; minute++)
      times.add(
        nextDue(timing, new Date(start + minute * 60_000))
          .toISOString()
          .slice(0, 10),
      )
    const day = noon.startsWith('2026-03') ? '2026-03-29' : '2026-10-25'
    const next = noon.startsWith('2026-03') ? '2026-03-30' : '2026-10-26'
    expect([...times]).toEqual([day, next])
    const due = nextDue(timing, new Date(noon))
    expect(nextDue(timing, due).toISOString()).toContain(next)
  },
)

test('where the clocks skip midnight, a day begins all the same', () => {
  const beirut = { cron: '0 0 * * *', zone: 'Asia/Beirut' }
  expect(dueIn(beirut, '2026-03-27T12:00Z', '2026-03-30T12:00Z')).toEqual([
    '03-27T22:00',
    '03-28T22:00',
    '03-29T21:00',
  ])
})

test.for([
  ['2026-03-28T22:59Z', 23],
  ['2026-10-24T21:59Z', 25],
] as const)('what is due every hour is due %s and %i times that day', ([from, times]) => {
  const to = new Date(Date.parse(from) + times * 3_600_000).toISOString()
  expect(dueIn(berlin('0 * * * *'), from, to)).toHaveLength(times)
})

test('two times a night keep their order around a change of the clocks', () => {
  expect(dueIn(berlin('0,30 1-3 * * *'), '2026-03-28T22:00Z', '2026-03-29T12:00Z')).toEqual([
    '03-29T00:00',
    '03-29T00:30',
    '03-29T01:00',
    '03-29T01:30',
  ])
})

test('the newest of many missed times is found', () => {
  const now = new Date('2026-11-28T08:00:30Z')
  const long = new Date('2026-08-01T00:00:00Z')
  expect(newestDue(berlin('* * * * *'), long, now)?.toISOString()).toBe('2026-11-28T08:00:00.000Z')
  expect(newestDue(berlin('0 6 1 9 *'), long, now)?.toISOString()).toBe('2026-09-01T04:00:00.000Z')
  expect(newestDue(berlin('0 6 1 7 *'), long, now)).toBeNull()
})
