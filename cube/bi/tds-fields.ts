import { type BiField, type FieldType, isNumber } from './views.ts'
import { type Element, element } from './xml.ts'

interface TableauType {
  datatype: string
  /** The number that OLE DB has for the type of the column. */
  remote: number
  type: 'nominal' | 'ordinal' | 'quantitative'
  aggregation: string
}

const types: Record<FieldType, TableauType> = {
  string: { datatype: 'string', remote: 130, type: 'nominal', aggregation: 'Count' },
  boolean: { datatype: 'boolean', remote: 11, type: 'nominal', aggregation: 'Count' },
  integer: { datatype: 'integer', remote: 20, type: 'ordinal', aggregation: 'Sum' },
  decimal: { datatype: 'real', remote: 131, type: 'ordinal', aggregation: 'Sum' },
  day: { datatype: 'date', remote: 7, type: 'ordinal', aggregation: 'Year' },
  instant: { datatype: 'datetime', remote: 135, type: 'ordinal', aggregation: 'Year' },
}

/** What Tableau shows of a field, and how it aggregates it unless somebody chooses otherwise. */
export function columnOf(field: BiField, description: string): Element {
  const { datatype, type } = types[field.type]
  const attributes = {
    caption: field.title,
    datatype,
    name: quoted(field.name),
    ...(field.measure
      ? {
          aggregation: aggregationOf(field),
          ...(isNumber(field) && { 'default-format': formatOf(field.measure) }),
          role: 'measure',
          type: 'quantitative',
        }
      : { role: 'dimension', type }),
  }
  const text = element('formatted-text', {}, [element('run', {}, description)])
  return element('column', attributes, description ? [element('desc', {}, [text])] : [])
}

/** What Tableau knows of the column before it has connected. */
export function metadataOf(field: BiField, view: string, ordinal: number): Element {
  const { datatype, remote } = types[field.type]
  return element('metadata-record', { class: 'column' }, [
    element('remote-name', {}, field.name),
    element('remote-type', {}, String(remote)),
    element('local-name', {}, quoted(field.name)),
    element('parent-name', {}, quoted(view)),
    element('remote-alias', {}, field.name),
    element('ordinal', {}, String(ordinal)),
    element('local-type', {}, datatype),
    element('aggregation', {}, aggregationOf(field)),
    element('contains-null', {}, 'true'),
  ])
}

export function quoted(name: string): string {
  return `[${name}]`
}

/** AVG of a ratio is the ratio of the group at the endpoint; SUM of one is no number of anything. */
function aggregationOf(field: BiField): string {
  if (field.measure?.additivity !== 'non_additive') return types[field.type].aggregation
  return isNumber(field) ? 'Avg' : 'Max'
}

function formatOf({ unit, currency = 'EUR' }: NonNullable<BiField['measure']>): string {
  if (unit === 'percent') return 'p0.0%'
  if (unit === 'count') return both('n', '#,##0')
  if (unit.startsWith('money')) return both('c', `"${currency}" #,##0.00`)
  if (unit === 'hours') return both('n', '#,##0.0" h"')
  if (unit === 'minutes') return both('n', '#,##0.0" min"')
  return both('n', '#,##0.0')
}

/** A format of Tableau: what kind it is, then one for positive numbers and one for negative. */
function both(kind: 'n' | 'c', format: string): string {
  return `${kind}${format};-${format}`
}
