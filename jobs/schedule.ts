/** All that runs at its time, on one screen. What is automatic needs none of it: docs/schedule.md */
import { schedule } from './engine/timetable/definition.ts'

export const definitions = [
  schedule({
    name: 'before-the-office',
    description: 'What failed in the night is tried once more before anybody looks at it.',
    cron: '30 6 * * MON-FRI',
    zone: 'Europe/Berlin',
    select: '*',
  }),
]
