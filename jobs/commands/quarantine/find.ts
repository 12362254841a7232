import { requireWarehouse } from '../../kpis/with-cube.ts'
import { withWarehouse } from '../../postgres/warehouse.ts'
import type { Which } from '../../quarantine.ts'
import { openWorks, type Works } from '../../worker.ts'
import { findSource } from '../../find-source.ts'

/** Runs a command on the quarantine of the warehouse that is there, once what was typed makes sense. */
export async function withQuarantine<Result>(
  { feed }: Which,
  work: (works: Works, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (feed !== undefined) findSource(feed)
  requireWarehouse()
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    return await work(works, signal)
  })
}

/** The options that say which part is meant, as a middle of a sentence: 'of fee_event in a.csv'. */
export function whichWords({ feed, file, reason }: Which): string {
  return [
    feed === undefined ? '' : ` of ${feed}`,
    file === undefined ? '' : ` in ${file}`,
    reason === undefined ? '' : ` with "${reason}" in the reason`,
  ].join('')
}
