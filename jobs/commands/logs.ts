import { findRun, type RunOverview } from '../engine/overview/runs.ts'
import { eventsOf, type LogEvent } from '../engine/overview/logs.ts'
import { stepGroups } from '../engine/overview/steps.ts'
import type { LogLevel } from '../engine/states.ts'
import { nearestFirst } from '#kit/words.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, faint, good, notable } from '../terminal/colour.ts'
import type { Format } from '../terminal/formats.ts'
import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { displaySeconds, printable, several } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'
import { requestWords } from './engine/words.ts'

/** What was typed after `recoup logs`. */
export interface LogsOptions {
  follow?: boolean
  /** Only of this asset. */
  step?: string
  level?: LogLevel
  format: Format
}

/** `recoup logs <run>`: what happened, in the order of time; to follow it ends with the run. */
export async function logs(run: number, options: LogsOptions): Promise<number> {
  const { follow = false, step, level, format } = options
  requireWarehouse()
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    if (!(await findRun(works.db, run)))
      throw new UsageError(`There is no run ${run}. To see those there are: recoup runs`)
    const units = step === undefined ? undefined : [await unitOf(works, run, step)]
    const write = format === 'json' ? writeJson : writerOfLines()
    try {
      for await (const events of eventsOf(works.db, { run, units, level }, { follow, signal }))
        for (const event of events) write(event)
    } catch (error) {
      if (!signal.aborted) throw error
      return exitCodes.interrupted
    }
    return exitCodes.ok
  })
}

/** The unit of a run that is called so, with or without its schema. */
async function unitOf({ db, plan }: Works, run: number, typed: string): Promise<string> {
  const names = [...new Set((await stepGroups(db, run)).map(({ asset }) => asset))]
  const isMeant = (name: string) => name === typed || name.endsWith(`.${typed}`)
  const asset = plan.assets.find(({ name }) => isMeant(name))
  const found = names.find(isMeant) ?? names.find((name) => name === asset?.together)
  if (found) return found
  const known = typed.includes('.') ? names : names.map((name) => name.replace(/^.*\./, ''))
  const near = nearestFirst(typed, known).slice(0, 3)
  throw new UsageError(`Run ${run} has no step of "${typed}". Nearest: ${near.join(', ')}`)
}

function writeJson(event: LogEvent): void {
  console.log(JSON.stringify(event))
}

/** One line an event, and the day where it changes. */
function writerOfLines(): (event: LogEvent) => void {
  let day = ''
  return (event) => {
    const [date = '', clock = ''] = event.at.split('T')
    if (date !== day) console.log(faint(`${date}, UTC`))
    day = date
    const name = [event.asset, event.partition].filter(Boolean).join(' ')
    const [first = '', ...rest] = words[event.event](event).split('\n').map(printable)
    const what = paint(event)((event.event === 'said' ? event.level : event.event).padEnd(9))
    console.log(`${faint(timeOf(clock))}  ${name.padEnd(32)}  ${what}  ${first}`.trimEnd())
    for (const line of rest) console.log(`${' '.repeat(14)}${line}`)
  }
}

/** To the millisecond. */
function timeOf(clock: string): string {
  const [seconds = '', fraction = ''] = clock.replace('Z', '').split('.')
  return `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}`
}

function paint({ event, level }: LogEvent): (words: string) => string {
  if (level === 'error') return bad
  if (level === 'warn') return notable
  return event === 'done' || event === 'ended' ? good : (words) => words
}

const words: Record<LogEvent['event'], (event: LogEvent) => string> = {
  planned({ message, data, rows }) {
    const kind = message as RunOverview['kind']
    const request = requestWords({ kind, request: data as RunOverview['request'] })
    return `${several(rows ?? 0, 'step')}, ${kind}: ${request}`
  },
  started: ({ worker, attempt, message }) =>
    [
      ...(worker === null ? [] : [`worker ${worker}`]),
      ...(attempt !== null && attempt > 1 ? [`attempt ${attempt}`] : []),
      ...(message === null ? [] : [message]),
    ].join(', '),
  retried: ({ attempt, message }) => `attempt ${attempt} failed: ${message}`,
  done: ({ rows, seconds }) => `${several(rows ?? 0, 'row')}${tookWords(seconds)}`,
  unchanged: () => '',
  failed: ({ message }) => message ?? '',
  skipped: ({ message }) => message ?? '',
  cancelled: ({ message }) => message ?? '',
  said: ({ message, data }) => `${message}${data ? `  ${JSON.stringify(data)}` : ''}`,
  ended: ({ message, seconds }) => `${message}${tookWords(seconds)}`,
}

function tookWords(seconds: number | null): string {
  return seconds === null ? '' : ` in ${displaySeconds(seconds * 1000)}`
}
