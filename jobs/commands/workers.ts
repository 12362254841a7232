import { listWorkers, type WorkerOverview } from '../engine/overview/workers.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { faint, good } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { table } from '../terminal/table.ts'
import { displayInstant, displaySeconds } from '../terminal/values.ts'
import { openWorks } from '../worker.ts'

/** `recoup workers`: who takes steps, and what each does now. */
export async function workers({ format }: { format: Format }) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const found = await listWorkers(works.db)
    if (format === 'json') return console.log(json(found))
    if (found.length === 0)
      return console.log(
        'Nobody works. recoup up and recoup worker do until they are stopped, recoup run for a run.',
      )
    console.log(workerTable(found))
  })
}

function workerTable(found: readonly WorkerOverview[]): string {
  const columns = [
    { title: 'Worker', align: 'right' as const },
    { title: 'State' },
    { title: 'Host' },
    { title: 'Process', align: 'right' as const },
    { title: 'Since' },
    { title: 'Seen' },
    { title: 'Slots', align: 'right' as const },
    { title: 'Runs now', width: 64 },
  ]
  const rows = found.map(({ worker, isAlive, host, pid, startedAt, seenAt, slots, steps }) => [
    String(worker),
    isAlive ? good('works') : faint('gone'),
    host,
    String(pid),
    displayInstant(startedAt),
    displayInstant(seenAt),
    String(slots),
    steps.map(stepWords).join('\n') || faint('nothing'),
  ])
  return table(columns, rows)
}

function stepWords({ run, asset, partition, seconds }: WorkerOverview['steps'][number]): string {
  const what = [asset, partition].filter(Boolean).join(' ')
  return `${what} (run ${run}, ${displaySeconds(seconds * 1000)})`
}
