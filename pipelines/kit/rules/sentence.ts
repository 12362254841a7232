import type { Comparison, Condition, Literal } from './rule.ts'

/** A condition in words: 'answered_at is at or after offered_at'. Types are Postgres types by column. */
export function conditionSentence(
  condition: Condition,
  types: ReadonlyMap<string, string>,
): string {
  const say = (part: Condition): string => conditionSentence(part, types)
  const group = (part: Condition) =>
    'all' in part || 'any' in part || 'when' in part ? `(${say(part)})` : say(part)
  if ('present' in condition) return `${condition.present} is not empty`
  if ('absent' in condition) return `${condition.absent} is empty`
  if ('all' in condition) return condition.all.map(group).join(' and ')
  if ('any' in condition) return condition.any.map(group).join(' or ')
  if ('not' in condition) return `not (${say(condition.not)})`
  if ('when' in condition) return `${group(condition.then)} when ${group(condition.when)}`
  const { column } = condition
  if ('oneOf' in condition) return `${column} is ${condition.oneOf.map(String).join(' or ')}`
  const right: Literal = 'other' in condition ? condition.other : condition.value
  const isTime = ['date', 'time', 'timestamptz'].includes(types.get(column) ?? '')
  return `${column} is ${(isTime ? timeWords : words)[condition.is]}${right}`
}

const words: Record<Comparison, string> = {
  '=': '',
  '<>': 'not ',
  '<': 'less than ',
  '<=': 'at most ',
  '>': 'more than ',
  '>=': 'at least ',
}

const timeWords: Record<Comparison, string> = {
  ...words,
  '<': 'before ',
  '<=': 'at or before ',
  '>': 'after ',
  '>=': 'at or after ',
}
