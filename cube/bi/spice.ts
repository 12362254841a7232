import { SCHEMA } from './address.ts'
import { type BiField, type BiView, isMeasure } from './views.ts'

/**
 * What of a view can be kept in SPICE: the fields to group by, and the measures whose values may be
 * summed again. The names of single things are left out, as with them nothing would be grouped, and
 * segments, which are there for balances.
 */
export function spiceFields({ fields }: BiView): BiField[] {
  return fields.filter((field) =>
    isMeasure(field)
      ? field.measure.additivity === 'additive'
      : !field.name.endsWith('_id') && !field.isSegment,
  )
}

/** The question whose answer is kept. */
export function spiceSql(view: BiView): string {
  const fields = spiceFields(view)
  const columns = fields.map((field) =>
    isMeasure(field) ? `SUM("${field.name}") AS "${field.name}"` : `"${field.name}"`,
  )
  const keys = fields.filter((field) => !isMeasure(field)).map(({ name }) => `"${name}"`)
  return `SELECT ${columns.join(', ')} FROM "${SCHEMA}"."${view.name}" GROUP BY ${keys.join(', ')}`
}

/**
 * A ratio as QuickSight works it out over what SPICE keeps: `sum({Net cash}) / sum({Charges})`. There is
 * none where a part of the ratio is not kept; such a ratio can only be asked for live.
 */
export function spiceExpression(ratio: BiField, view: BiView): string | undefined {
  const sql = ratio.measure?.sql ?? ''
  if (ratio.measure?.additivity !== 'non_additive' || !onlyArithmetic.test(sql)) return undefined
  const kept = new Map(
    spiceFields(view)
      .filter(isMeasure)
      .map((field) => [field.name, field]),
  )
  const parts = [...sql.matchAll(member)].map(([, name = '']) => name)
  if (parts.length === 0 || !parts.every((name) => kept.has(name))) return undefined
  return sql
    .replaceAll('::numeric', '')
    .replaceAll('NULLIF', 'nullIf')
    .replaceAll(member, (_, name: string) => `sum({${kept.get(name)?.title}})`)
}

const member = /\{(\w+)\}/g
const onlyArithmetic = /^(\{\w+\}|::numeric|NULLIF|[\d.\s()+\-*/,])+$/
