import type pg from 'pg'
import { difference } from './compare.ts'
import { type Ask, rowsOf } from './endpoint.ts'
import { type Case, makeCase } from './generate.ts'

export interface Run {
  seed: number
  /** Cases from this number to below that one. */
  from: number
  to: number
  /** How many different shapes the questions have. */
  shapes: number
  onCase?: (done: Outcome) => void
}

export interface Outcome {
  cases: number
  /** Answers that are not empty. */
  withRows: number
  mismatches: Mismatch[]
}

/** A case whose answer is not the one by hand, or that is refused. */
export interface Mismatch {
  made: Case
  what: string
}

const AT_ONCE = 3

/** Asks each case of the endpoint and by hand. */
export async function runCases(ask: Ask, hand: pg.Pool, run: Run): Promise<Outcome> {
  const outcome: Outcome = { cases: 0, withRows: 0, mismatches: [] }
  let next = run.from
  const one = async () => {
    while (next < run.to) {
      const made = makeCase(run.seed, next++, run.shapes)
      const { rows, what } = await askedAndByHand(made, ask, hand)
      outcome.cases += 1
      if (rows > 0) outcome.withRows += 1
      if (what) outcome.mismatches.push({ made, what })
      run.onCase?.(outcome)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return outcome
}

async function askedAndByHand(
  { person, question, byHand, isOrdered }: Case,
  ask: Ask,
  hand: pg.Pool,
): Promise<{ rows: number; what?: string | undefined }> {
  const [asked, answer] = await Promise.allSettled([ask(person, question), rowsOf(hand, byHand)])
  if (answer.status === 'rejected')
    return { rows: 0, what: `the SQL by hand fails: ${messageOf(answer.reason)}` }
  const rows = answer.value.length
  if (asked.status === 'rejected') return { rows, what: `it fails: ${messageOf(asked.reason)}` }
  return { rows, what: difference(asked.value, answer.value, isOrdered) }
}

function messageOf(error: unknown) {
  return error instanceof Error ? error.message : String(error)
}

/** A mismatch, and how to see it again. */
export function describeMismatch(
  { made, what }: Mismatch,
  { seed, shapes }: Pick<Run, 'seed' | 'shapes'>,
) {
  const { number, person, question, byHand, kind } = made
  const values = question.values.length > 0 ? ` -- ${JSON.stringify(question.values)}` : ''
  return [
    `Case ${number} of seed ${seed} (${kind}, for ${person.name}, in ${question.zone}): ${what}`,
    `  asked:   ${question.sql}${values}`,
    `  by hand: ${byHand}`,
    `  again:   npm run differential -- --seed ${seed} --shapes ${shapes} --only ${number}`,
  ].join('\n')
}
