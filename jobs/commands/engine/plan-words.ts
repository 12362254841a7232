import { type Unit, leadOf } from '../../engine/graph.ts'
import type { Plan, PlannedStep } from '../../engine/plan.ts'
import { rangesOf } from '../../engine/overview/ranges.ts'
import { json } from '../../terminal/formats.ts'
import { indent, table } from '../../terminal/table.ts'
import { displayCount, several } from '../../terminal/values.ts'
import { partitionWords } from './words.ts'

/** The steps of one unit in a plan. */
interface PlannedUnit {
  unit: Unit
  steps: readonly PlannedStep[]
  keys: readonly string[]
  reasons: readonly string[]
}

function byUnit({ steps }: Plan): PlannedUnit[] {
  return [...Map.groupBy(steps, ({ unit }) => unit)].map(([unit, own]) => ({
    unit,
    steps: own,
    keys: own.flatMap(({ keys }) => keys ?? []),
    reasons: [...new Set(own.map(({ reason }) => reason ?? 'if what it reads changes'))],
  }))
}

/** A plan as a table: what would run, in order, which part of it and why. */
export function planTable(plan: Plan): string {
  const columns = [
    { title: 'In order' },
    { title: 'Partitions', width: 44 },
    { title: 'Steps', align: 'right' as const },
    { title: 'Why', width: 40 },
  ]
  const rows = byUnit(plan).map(({ unit, steps, keys, reasons }) => {
    const { partitionedBy } = leadOf(unit)
    const isOpen = partitionedBy !== null && keys.length === 0 && leadOf(unit).kind !== 'source'
    const parts = isOpen ? 'those that are stale by then' : partitionWords(partitionedBy, keys)
    return [unit.name, parts || 'whole', displayCount(steps.length), reasons.join('; ')]
  })
  return indent(table(columns, rows))
}

/** How many steps a plan has and how they go: `90 steps, 50 at once`. */
export function planWords({ steps, atOnce, priority }: Plan): string {
  const words = [several(steps.length, 'step')]
  if (atOnce !== null && atOnce < steps.length) words.push(`${displayCount(atOnce)} at once`)
  if (priority > 0) words.push('behind live work')
  return words.join(', ')
}

/** The same for programs. */
export function planJson(plan: Plan, notes: readonly string[]): string {
  return json({
    kind: plan.kind,
    request: plan.request,
    atOnce: plan.atOnce,
    priority: plan.priority,
    resumes: plan.resumes ?? null,
    steps: plan.steps.length,
    notes,
    plan: byUnit(plan).map(({ unit, steps, keys, reasons }) => ({
      asset: unit.name,
      steps: steps.length,
      partitions: keys.length,
      ranges: rangesOf(leadOf(unit).partitionedBy, keys),
      reasons,
    })),
  })
}
