import { type Entry, overviewOf, setPaused } from '../engine/timetable/overview.ts'
import { startNow } from '../engine/timetable/start-now.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, bold, faint, good, notable } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { table } from '../terminal/table.ts'
import { displayInstant, several } from '../terminal/values.ts'
import { openWorks, readTimetable, type Works } from '../worker.ts'
import { listed, nearestFirst } from '#kit/words.ts'

/** `recoup schedule`: all that runs by itself, when next, and what came of it. */
export async function listSchedule({ format }: { format: Format }) {
  await withWorks(async (works) => {
    const entries = await overviewOf(works.db, readTimetable().timetable, new Date())
    console.log(format === 'json' ? json(entries) : words(entries))
  })
}

/** `recoup schedule run <name>`: now, whether or not it is due. */
export async function runSchedule(name: string) {
  const entry = named(name)
  await withWorks(async ({ db, plan }) => {
    const run = await startNow(db, entry, plan)
    console.log(
      run === null
        ? `Nothing of ${entry.select} is missing or stale, so there is no run.`
        : `Run ${run} is planned, and a worker takes it: npx recoup up, or npx recoup worker`,
    )
  })
}

/** `recoup schedule pause <name>`: it starts nothing until it is resumed. */
export async function pauseSchedule(name: string) {
  const entry = named(name)
  await withWorks(async ({ db }) => {
    await setPaused(db, entry, true)
    console.log(`${name} is paused. Go on: npx recoup schedule resume ${name}`)
  })
}

/** `recoup schedule resume <name>`: from now on; times that passed are not made up for. */
export async function resumeSchedule(name: string) {
  const entry = named(name)
  await withWorks(async ({ db }) => {
    await setPaused(db, entry, false)
    console.log(`${name} goes on. Make up for what it missed: npx recoup schedule run ${name}`)
  })
}

async function withWorks(work: (works: Works) => Promise<void>) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    await work(works)
  })
}

function named(name: string) {
  const { schedules, sensors } = readTimetable().timetable
  const all = [...schedules, ...sensors]
  const found = all.find((each) => each.name === name)
  if (found) return found
  const names = nearestFirst(
    name,
    all.map((each) => each.name),
  )
  const there = names.length > 0 ? `There are: ${listed(names)}.` : 'There is none.'
  throw new UsageError(`No schedule or sensor is called "${name}". ${there}`)
}

function words(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'Nothing is in jobs/schedule.ts. How: docs/schedule.md'
  const columns = ['Name', 'When', 'Selects', 'Next', 'Last run'].map((title) => ({ title }))
  const rows = entries.map(({ name, when, select, units, next, lastRun }) => [
    bold(name),
    when,
    `${select} ${faint(`(${several(units.length, 'table')})`)}`,
    next === null ? notable('paused') : displayInstant(next),
    lastRun ? runWords(lastRun) : faint('none yet'),
  ])
  const errors = entries.flatMap(({ name, error }) => (error ? [bad(`${name}: ${error}`)] : []))
  const unseen = entries.every(({ last }) => last === null)
  return [
    table(columns, rows),
    ...errors,
    ...(unseen ? [notable('Nothing keeps the time yet: npx recoup up')] : []),
  ].join('\n')
}

function runWords({ id, state, startedAt }: NonNullable<Entry['lastRun']>): string {
  const colour = state === 'done' ? good : state === 'failed' ? bad : faint
  return `${id} ${colour(state)}${startedAt ? `, ${displayInstant(startedAt)}` : ''}`
}
