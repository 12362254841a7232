import { bringUpToDate } from '../engine/watch.ts'
import { followRuns, requireSuccess, runWords } from '../terminal/run-progress.ts'
import { stage } from '../terminal/stage.ts'
import type { Works } from '../worker.ts'

/** Loads what waits in the inbox and makes every table that derives from it, where all can see it. */
export async function makeTables(
  works: Works,
  signal: AbortSignal,
  { quiet = false } = {},
): Promise<void> {
  await using _worker = await works.startWorker()
  await stage(
    'Tables',
    async (live) => {
      const { onStatus, runs } = followRuns(live)
      requireSuccess(await bringUpToDate(works.db, works.plan, { onStatus, signal }))
      return [...runs.values()]
    },
    runWords,
    { quiet },
  )
}
