import type { PartitionedBy } from '#kit/partitions/dimension.ts'

import { unitsOf, leadOf } from '../engine/graph.ts'
import { findRun, listRuns, type RunOverview } from '../engine/overview/runs.ts'
import { type StepGroup, stepGroups } from '../engine/overview/steps.ts'
import { liveWorkers } from '../engine/overview/workers.ts'
import type { RunState } from '../engine/states.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, bold, faint, notable } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { indent, table } from '../terminal/table.ts'
import { displayCount, displayInstant, displaySeconds } from '../terminal/values.ts'
import { openWorks } from '../worker.ts'
import {
  errorWords,
  partitionWords,
  progressWords,
  requestWords,
  stateWords,
} from './engine/words.ts'

/** What was typed after `recoup runs`. */
export interface RunsOptions {
  limit: number
  state?: RunState
  format: Format
}

/** `recoup runs`: the newest runs, or one of them with its steps. */
export async function runs(id: number | undefined, options: RunsOptions) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const { db, plan } = works
    const { format, limit, state } = options
    const areWorkers = (await liveWorkers(db)).length > 0
    if (id === undefined) {
      const found = await listRuns(db, { limit, state })
      return console.log(format === 'json' ? json(found) : runTable(found, areWorkers))
    }
    const run = await findRun(db, id)
    if (!run) throw new UsageError(`There is no run ${id}. To see those there are: recoup runs`)
    const groups = await stepGroups(db, id)
    if (format === 'json') return console.log(json({ ...run, groups }))
    const units = unitsOf(plan.assets)
    const partitionedBy = new Map(units.map((unit) => [unit.name, leadOf(unit).partitionedBy]))
    console.log(runPage(run, groups, { partitionedBy, areWorkers }))
  })
}

function runTable(found: readonly RunOverview[], areWorkers: boolean): string {
  if (found.length === 0) return 'No such run.'
  const columns = [
    { title: 'Run', align: 'right' as const },
    { title: 'Kind' },
    { title: 'Of', width: 36 },
    { title: 'State' },
    { title: 'Steps' },
    { title: 'Started' },
    { title: 'Took', align: 'right' as const },
  ]
  const rows = found.map((run) => [
    String(run.id),
    run.kind,
    requestWords(run),
    stateWords(run),
    `${progressWords(run)}${waitWords(run, areWorkers)}`,
    displayInstant(run.startedAt),
    displaySeconds(run.seconds * 1000),
  ])
  return table(columns, rows)
}

/** What a run waits for, if it does. */
function waitWords({ state, paused, steps }: RunOverview, areWorkers: boolean): string {
  if (state !== 'running' || paused || steps.running > 0) return ''
  return areWorkers ? ', waits for its turn' : ', waits for a worker'
}

interface Page {
  partitionedBy: ReadonlyMap<string, PartitionedBy | null>
  areWorkers: boolean
}

const failuresShown = 10

function runPage(
  run: RunOverview,
  groups: readonly StepGroup[],
  { partitionedBy, areWorkers }: Page,
): string {
  const { id, kind, atOnce, resumes, startedAt, seconds } = run
  const facts = [
    ['Kind', `${kind}${resumes ? `, the rest of run ${resumes}` : ''}`],
    ['Of', requestWords(run)],
    ['State', `${stateWords(run)}, ${progressWords(run)}${waitWords(run, areWorkers)}`],
    ['Started', `${displayInstant(startedAt)}, ${tense(run)} ${displaySeconds(seconds * 1000)}`],
    ['At once', atOnce === null ? '' : `${displayCount(atOnce)} steps`],
  ]
  const lines = facts.flatMap(([name = '', fact]) =>
    fact ? [`${bold(name.padEnd(10))}${fact}`] : [],
  )
  const failed = groups.filter(({ state }) => state === 'failed').slice(0, failuresShown)
  return [
    bold(`Run ${id}`),
    ...lines,
    '',
    groupTable(groups, partitionedBy),
    ...failed.flatMap(({ asset, error }) => [
      '',
      `${bad(`${asset} failed:`)} ${errorWords(error, asset)}`,
    ]),
    ...(run.state === 'failed' || run.state === 'cancelled'
      ? [
          '',
          faint(`To do the rest: recoup run --from-failure ${id}. Step by step: recoup logs ${id}`),
        ]
      : ['', faint(`Step by step: recoup logs ${id}`)]),
  ].join('\n')
}

const tense = ({ state }: RunOverview) => (state === 'running' ? 'for' : 'took')

function groupTable(
  groups: readonly StepGroup[],
  partitionedBy: ReadonlyMap<string, PartitionedBy | null>,
): string {
  const isDivided = groups.some(({ keys }) => keys.length > 0)
  const columns = [
    { title: 'Asset' },
    { title: 'State' },
    { title: 'Steps', align: 'right' as const },
    ...(isDivided ? [{ title: 'Partitions', width: 44 }] : []),
    { title: 'Rows', align: 'right' as const },
    { title: 'Time', align: 'right' as const },
    { title: 'Why', width: 34 },
  ]
  const rows = groups.map(({ asset, state, steps, keys, rows: count, seconds, reason }) => [
    asset,
    paints[state]?.(state) ?? state,
    displayCount(steps),
    ...(isDivided ? [partitionWords(partitionedBy.get(asset) ?? null, keys)] : []),
    count === null ? '' : displayCount(count),
    seconds === null ? '' : displaySeconds(seconds * 1000),
    reason ?? '',
  ])
  return indent(table(columns, rows))
}

const paints: Partial<Record<StepGroup['state'], (words: string) => string>> = {
  failed: bad,
  skipped: notable,
  cancelled: notable,
  unchanged: faint,
}
