import { expect, test } from 'vitest'

import { filesArriving } from '#jobs/engine/timetable/files-arriving.ts'
import { schedule } from '#jobs/engine/timetable/definition.ts'
import { timetableOf } from '#jobs/engine/timetable/timetable.ts'
import { readTimetable } from '#jobs/worker.ts'

import { numbers, shifted } from '../kit.ts'

const fees = numbers('raw.fees')
const facts = shifted('mart.facts', [fees])
const daily = {
  name: 'daily',
  description: 'Facts.',
  cron: '0 6 * * *',
  zone: 'Europe/Berlin',
  select: 'facts',
}
const read = (change: Partial<typeof daily>) =>
  timetableOf([schedule({ ...daily, ...change })], [fees, facts])

test.for([
  [{ cron: '0 6 * *' }, '"daily" cannot be: "0 6 * *" has 4 fields'],
  [{ cron: '0 0 6 * * *' }, 'has 6 fields'],
  [{ cron: '61 6 * * *' }, '"61 6 * * *" is never due: Constraint error'],
  [{ cron: '0 6 30 2 *' }, 'is never due'],
  [{ cron: 'H 6 * * *' }, 'says H, which is some number or other'],
  [{ cron: 'at six daily x y' }, 'is never due'],
  [
    { zone: 'Europe/Berlinn' },
    '"Europe/Berlinn" is not a time zone. The nearest names: Europe/Berlin',
  ],
  [{ select: 'fact' }, 'There is no asset "fact"'],
  [{ select: 'tag:fees' }, 'No asset has tag "fees"'],
  [{ select: '' }, 'Nothing is selected'],
  [{ name: 'Daily facts' }, 'a name is lower-case letters'],
] as const)('a schedule with %j is refused', ([change, words]) => {
  expect(() => read(change)).toThrow(words)
})

test('two of one name are refused, and a sensor that never looks', () => {
  const files = { name: 'daily', folder: '/tmp', select: 'facts', everySeconds: 5 }
  const assets = [fees, facts]
  expect(() => timetableOf([schedule(daily), filesArriving(files)], assets)).toThrow(
    '"daily" is the name of two of them',
  )
  expect(() => timetableOf([filesArriving({ ...files, everySeconds: 0 })], assets)).toThrow(
    'everySeconds is 0; expected a number above 0',
  )
})

test('the timetable of jobs/schedule.ts is in order', () => {
  expect(readTimetable().timetable.schedules.length).toBeGreaterThan(0)
})
