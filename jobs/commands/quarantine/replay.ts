import { nothingReplayed, type Replayed, replayQuarantine } from '#kit/load/replay.ts'

import { findSource } from '../../find-source.ts'
import { homeOf } from '../../home.ts'
import { quarantineCounts, quarantinedLoads, type Which } from '../../quarantine.ts'
import { faint, good, notable } from '../../terminal/colour.ts'
import { type Format, json } from '../../terminal/formats.ts'
import { stage } from '../../terminal/stage.ts'
import { displayCount, several } from '../../terminal/values.ts'
import type { Works } from '../../worker.ts'
import { makeTables } from '../make-tables.ts'
import { whichWords, withQuarantine } from './find.ts'
import { quarantineLines } from './list.ts'

/** What became of the rows of one feed. */
type OfFeed = Replayed & { feed: string }

/**
 * `recoup quarantine replay`: rows are judged again by the present contract; what is accepted lands
 * with its file and line, and what derives from it is made anew.
 */
export async function replay({ format, ...which }: Which & { format: Format }) {
  await withQuarantine(which, async (works, signal) => {
    const quiet = format === 'json'
    const feeds = await stage(
      'Replay',
      (live) => judgeAgain(works, which, signal, (note) => live.show({ fraction: null, note })),
      (done) => several(sum(done, 'lines'), 'row'),
      { quiet },
    )
    if (sum(feeds, 'rowsNew') + sum(feeds, 'rowsNewer') > 0)
      await makeTables(works, signal, { quiet })
    if (quiet)
      return console.log(json({ feeds, remaining: await quarantineCounts(works.db, which) }))
    if (feeds.length === 0) return console.log(`No row${whichWords(which)} is set aside.`)
    for (const feed of feeds) console.log(words(feed))
    await printRemaining(works, which)
  })
}

async function judgeAgain(
  { db, pool }: Works,
  which: Which,
  signal: AbortSignal,
  say: (note: string) => void,
): Promise<OfFeed[]> {
  const loads = await quarantinedLoads(db, which)
  const found: OfFeed[] = []
  for (const [feed, ids] of Map.groupBy(loads, (load) => load.feed)) {
    const source = findSource(feed)
    const total = { feed, ...nothingReplayed }
    found.push(total)
    for (const { load_id: loadId } of ids) {
      const onProgress = ({ lines }: Replayed) =>
        say(`${feed}, ${several(total.lines + lines, 'row')}`)
      const keysFolder = homeOf().keys
      const done = await replayQuarantine(pool, source, { loadId, signal, onProgress, keysFolder })
      for (const count of counts) total[count] += done[count]
    }
  }
  return found
}

const counts = Object.keys(nothingReplayed) as (keyof Replayed)[]

function sum(feeds: readonly OfFeed[], count: keyof Replayed): number {
  return feeds.reduce((total, feed) => total + feed[count], 0)
}

function words({ feed, lines, accepted, rowsNew, rowsNewer, rowsSame, skipped }: OfFeed): string {
  const kinds = `${displayCount(rowsNew)} new, ${displayCount(rowsNewer)} newer, ${displayCount(rowsSame)} same`
  const line = `${feed}: ${displayCount(accepted)} of ${several(lines, 'row')} accepted (${kinds})`
  const unread = `${several(skipped, 'row')} not judged: too long to be kept whole, or loaded before files were laid out in the ledger. Ingest the file again.`
  return [accepted > 0 ? good(line) : line, ...(skipped > 0 ? [notable(unread)] : [])].join('\n')
}

async function printRemaining({ db }: Works, which: Which) {
  const lines = await quarantineLines(db, which)
  if (lines === null) return console.log('Nothing remains set aside.')
  console.log(`\nWhat remains${whichWords(which)}:\n\n${lines}\n`)
  console.log(faint('To mend rows in a spreadsheet: recoup quarantine export'))
}
