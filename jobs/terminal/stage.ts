import { MultiBar, type SingleBar } from 'cli-progress'

import { bad, faint, good } from './colour.ts'
import { displaySeconds } from './values.ts'

/** One thing under way: how far it is, if known, and a few words. */
export interface Activity {
  title: string
  fraction: number | null
  note: string
}

/** Shows what is under way while a stage lasts. */
export interface Live {
  /** The stage itself, and the parts of it that run right now. */
  show: (whole: Omit<Activity, 'title'>, parts?: readonly Activity[]) => void
  /** A line that stays; without a terminal the only sign of life. */
  print: (line: string) => void
}

/** At most so many parts of a stage are shown at once. */
const partLines = 3
const titleWidth = 11

/**
 * Runs one stage of a command: bars while it lasts on a terminal, then one line with what came of it
 * and the time it took. A stage with nothing to say, or that is to be quiet, leaves no line.
 */
export async function stage<Result>(
  title: string,
  work: (live: Live) => Promise<Result>,
  say: (result: Result) => string | null,
  { quiet = false } = {},
): Promise<Result> {
  if (quiet) return await work(silent)
  const start = Date.now()
  const live = process.stdout.isTTY ? bars(title) : plain(title)
  try {
    const result = await work(live)
    live.end()
    const words = say(result)
    if (words !== null) console.log(lineOf(good('✓'), title, words, Date.now() - start))
    return result
  } catch (error) {
    live.end()
    console.log(lineOf(bad('✗'), title, 'failed', Date.now() - start))
    throw error
  }
}

function lineOf(mark: string, title: string, words: string, milliseconds: number): string {
  const time = faint(displaySeconds(milliseconds).padStart(10))
  return `${mark} ${title.padEnd(titleWidth)} ${time}  ${words}`
}

type EndingLive = Live & { end: () => void }

const silent: Live = { show: () => {}, print: () => {} }

/** Without a terminal, what takes long gives a sign of life this often. */
const signEveryMs = 10_000

function plain(stageTitle: string): EndingLive {
  let next = Date.now() + signEveryMs
  return {
    show(whole, parts = []) {
      if (Date.now() < next) return
      next = Date.now() + signEveryMs
      for (const { title, fraction, note } of [{ title: stageTitle, ...whole }, ...parts]) {
        const percent = fraction === null ? '' : `${Math.floor(fraction * 100)} %`
        console.log(`  ${title.padEnd(titleWidth + 21)} ${percent.padStart(5)}  ${note}`)
      }
    },
    print: (line) => console.log(line),
    end: () => {},
  }
}

/** One bar for the stage and a few for its parts, redrawn in place and gone at the end. */
function bars(title: string): EndingLive {
  const all = new MultiBar({
    stream: process.stdout,
    format: (_options, _params, activity: Activity & { start: number }) => barOf(activity),
    clearOnComplete: true,
    forceRedraw: true,
    gracefulExit: false,
    hideCursor: true,
    linewrap: false,
    fps: 8,
  })
  // Also when a second Ctrl-C ends the process on the spot: the cursor must come back.
  const restore = () => all.stop()
  process.once('exit', restore)
  const start = Date.now()
  const line = (activity: Partial<Activity>): SingleBar => all.create(1, 0, { start, ...activity })
  const own = line({ title, fraction: null, note: '' })
  const parts = Array.from({ length: partLines }, () => line({ title: '' }))
  return {
    show(whole, running = []) {
      own.update(0, { title, ...whole })
      for (const [place, bar] of parts.entries())
        bar.update(
          0,
          running[place]
            ? { ...running[place], title: `  ${running[place].title}` }
            : { title: '' },
        )
    },
    print: () => {},
    end() {
      process.off('exit', restore)
      all.stop()
    },
  }
}

const barLength = 24

function barOf({ title, fraction, note, start }: Activity & { start: number }): string {
  if (!title) return ''
  const done = Math.round((fraction ?? 0) * barLength)
  const isPart = title.startsWith(' ')
  const bar =
    fraction === null
      ? ' '.repeat(barLength)
      : `${good('━'.repeat(done))}${faint('━'.repeat(barLength - done))}`
  const time = isPart ? '' : faint(displaySeconds(Date.now() - start).padStart(10))
  return `  ${title.padEnd(titleWidth + 20)} ${bar} ${time}  ${note ?? ''}`
}
