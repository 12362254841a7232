/** What was measured, and how it compares with what is promised. */
import { bad, faint, good } from '#jobs/terminal/colour.ts'
import { table } from '#jobs/terminal/table.ts'

/** One line of the table. */
export interface Figure {
  /** What carries the queue; null where there is none. */
  queue: string | null
  what: string
  unit: 'ms' | 's' | 'steps/s' | 'jobs/s' | '%' | 'MB'
  value: number
  goal: number | null
  /** How many times as good as the goal. */
  timesGoal: number | null
}

type Measured = Pick<Figure, 'queue' | 'what' | 'unit' | 'value'>

/** Something of which more is better. */
export function atLeast(goal: number | null, measured: Measured): Figure {
  return { ...measured, goal, timesGoal: goal && measured.value / goal }
}

/** Something of which less is better; better than a thousand times the goal is not told apart. */
export function atMost(goal: number | null, measured: Measured): Figure {
  return { ...measured, goal, timesGoal: goal && goal / Math.max(measured.value, goal / 1000) }
}

const more: readonly string[] = ['steps/s', 'jobs/s']

export function figureTable(figures: readonly Figure[]): string {
  const right = (title: string) => ({ title, align: 'right' as const })
  return table(
    [{ title: 'Queue' }, { title: 'What' }, right('Measured'), right('Goal'), right('x goal')],
    figures.map(({ queue, what, unit, value, goal, timesGoal }) => [
      queue ?? faint('none'),
      what,
      `${rounded(value)} ${unit}`,
      goal === null ? '-' : `${more.includes(unit) ? '>=' : '<='} ${rounded(goal)} ${unit}`,
      timesGoal === null ? '-' : (timesGoal >= 1 ? good : bad)(timesGoal.toFixed(2)),
    ]),
  )
}

/** Whether everything promised holds, in words. */
export function verdict(figures: readonly Figure[]): string {
  const missed = figures.filter(({ timesGoal }) => timesGoal !== null && timesGoal < 1)
  return missed.length === 0 ? 'Every goal holds.' : `${missed.length} goals are missed.`
}

function rounded(value: number): string {
  return value < 100 ? `${Number(value.toPrecision(2))}` : value.toFixed(0)
}
