import type { Condition, Literal, Rule } from './rule.ts'

/** A rule as a constraint of its table. Each has a name of its own: the column it is told at. */
export function constraintsOf(rules: readonly Rule[]): { name: string; check: string }[] {
  const used = new Map<string, number>()
  return rules.map(({ at, must }) => {
    const count = (used.get(at) ?? 0) + 1
    used.set(at, count)
    return { name: count === 1 ? `rule_${at}` : `rule_${at}_${count}`, check: conditionSql(must) }
  })
}

/** A condition as SQL. */
export function conditionSql(condition: Condition): string {
  if ('present' in condition) return `${condition.present} is not null`
  if ('absent' in condition) return `${condition.absent} is null`
  if ('all' in condition) return condition.all.map(nested).join(' and ')
  if ('any' in condition) return condition.any.map(nested).join(' or ')
  if ('not' in condition) return `not ${nested(condition.not)}`
  if ('when' in condition) return `not ${nested(condition.when)} or ${nested(condition.then)}`
  if ('oneOf' in condition)
    return `${condition.column} in (${condition.oneOf.map(literal).join(', ')})`
  const right = 'other' in condition ? condition.other : literal(condition.value)
  return `${condition.column} ${condition.is} ${right}`
}

function nested(condition: Condition): string {
  return `(${conditionSql(condition)})`
}

function literal(value: Literal): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}
