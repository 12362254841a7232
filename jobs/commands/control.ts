import { findRun, type RunOverview } from '../engine/overview/runs.ts'
import { cancelRun, pauseRun, unpauseRun } from '../engine/run.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { type Format, json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { displayCount, several } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'
import { progressWords, requestWords, stateWords } from './engine/words.ts'

export type Control = 'pause' | 'resume' | 'cancel' | 'status'

/** `recoup cancel <run>`, and `recoup backfill pause | resume | cancel | status <run>`. */
export async function control(what: Control, id: number, { format }: { format: Format }) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const before = await required(works, id)
    const isDone = await acts[what](works.db, id)
    if (!isDone) throw new Error(`Run ${id} has ended already: it is ${before.state}.`)
    const after = await required(works, id)
    if (format === 'json') return console.log(json(after))
    console.log(words[what](after))
  })
}

/** False: it had ended. */
const acts: Record<Control, (db: Works['db'], id: number) => Promise<boolean>> = {
  pause: pauseRun,
  resume: unpauseRun,
  cancel: cancelRun,
  status: async () => true,
}

async function required({ db }: Works, id: number): Promise<RunOverview> {
  const run = await findRun(db, id)
  if (run) return run
  throw new UsageError(`There is no run ${id}. To see those there are: recoup runs`)
}

const words: Record<Control, (run: RunOverview) => string> = {
  pause(run) {
    const { running } = run.steps
    const still = running > 0 ? ` What runs goes on to its end: ${several(running, 'step')}.` : ''
    return `Run ${run.id} is paused: ${progressWords(run)}.${still} To go on: recoup backfill resume ${run.id}`
  },
  resume: (run) => `Run ${run.id} goes on: ${progressWords(run)}.`,
  cancel({ id, steps }) {
    const done = displayCount(steps.done + steps.unchanged)
    return (
      `Run ${id} is cancelled after ${done} of ${several(steps.total, 'step')}; what is loaded stays. ` +
      `To do the rest: recoup run --from-failure ${id}`
    )
  },
  status: (run) =>
    `Run ${run.id}, ${requestWords(run)}: ${stateWords(run)}, ${progressWords(run)}.`,
}
