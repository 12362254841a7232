/**
 * What must hold between the columns of one row, as data. A rule is written once; the check of zod,
 * that of the encoder, the CHECK of the table and the sentence people read are made from it.
 */

/** A condition on a row. As in SQL, one that compares what is empty is neither true nor false. */
export type Condition<Name extends string = string> =
  | { column: Name; is: Comparison; value: Literal }
  | { column: Name; is: Comparison; other: Name }
  | { column: Name; oneOf: readonly [Literal, ...Literal[]] }
  | { present: Name }
  | { absent: Name }
  | { all: readonly Condition<Name>[] }
  | { any: readonly Condition<Name>[] }
  | { not: Condition<Name> }
  | { when: Condition<Name>; then: Condition<Name> }

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='
export type Literal = string | number | boolean

/** A row whose condition is false breaks the contract; the fault is told at the column. */
export interface Rule<Name extends string = string> {
  at: Name
  must: Condition<Name>
}

/** The columns a condition speaks of, each once. */
export function columnsOf(condition: Condition): string[] {
  return [...new Set(mentioned(condition))]
}

function mentioned(condition: Condition): string[] {
  if ('present' in condition) return [condition.present]
  if ('absent' in condition) return [condition.absent]
  if ('all' in condition) return condition.all.flatMap(mentioned)
  if ('any' in condition) return condition.any.flatMap(mentioned)
  if ('not' in condition) return mentioned(condition.not)
  if ('when' in condition) return [...mentioned(condition.when), ...mentioned(condition.then)]
  return 'other' in condition ? [condition.column, condition.other] : [condition.column]
}
