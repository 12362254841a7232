import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { mendable } from '../../mendable.ts'
import { everyQuarantinedLine, quarantineCounts, type Which } from '../../quarantine.ts'
import { UsageError } from '../../terminal/mistakes.ts'
import { several } from '../../terminal/values.ts'
import type { Works } from '../../worker.ts'
import { findSource } from '../../find-source.ts'
import { whichWords, withQuarantine } from './find.ts'

/**
 * `recoup quarantine export`: the rows of a feed as CSV in its own shape, to standard output or a
 * file, so that they can be mended in a spreadsheet and ingested again.
 */
export async function exportRows({ output, ...which }: Which & { output?: string }) {
  await withQuarantine(which, async (works) => {
    const feed = which.feed ?? (await onlyFeed(works, which))
    const first = await everyQuarantinedLine(works.db, { ...which, feed }, 1).next()
    if (first.done) throw new Error(`No row${whichWords({ ...which, feed })} is set aside.`)
    let lines = -1
    async function* counted() {
      for await (const line of mendable(works, findSource(feed), which)) {
        lines++
        yield line
      }
    }
    const target =
      output === undefined ? process.stdout : createWriteStream(output, { flags: 'wx' })
    try {
      await pipeline(counted, target, { end: output !== undefined })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Whoever reads has seen enough, as head does.
      if (code === 'EPIPE') return
      if (code !== 'EEXIST') throw error
      throw new UsageError(`${output} is there already. Remove it, or choose another name.`)
    }
    const place = output ?? 'standard output'
    console.error(
      `${several(lines, 'row')} of ${feed} to ${place}. Mend the cells, keep the column ` +
        `quarantine_row, then: recoup ingest ${output ?? '<file>'} --as ${feed}`,
    )
  })
}

async function onlyFeed({ db }: Works, which: Which): Promise<string> {
  const counts = await quarantineCounts(db, which)
  const feeds = [...new Set(counts.filter(({ rows }) => rows > 0).map(({ feed }) => feed))]
  const [first] = feeds
  if (first === undefined) throw new Error(`No row${whichWords(which)} is set aside.`)
  if (feeds.length === 1) return first
  throw new UsageError(
    `Rows of ${feeds.length} feeds are set aside: ${feeds.sort().join(', ')}. A file holds one: --feed ${first}`,
  )
}
