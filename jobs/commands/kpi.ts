import { answer, type Answer } from '../kpis/answer.ts'
import { findFamily, kpisOf, type Kpi } from '../kpis/catalogue.ts'
import { weekOf } from '../kpis/days.ts'
import { readQuestion, type Typed } from '../kpis/question.ts'
import { requireWatermark } from '../kpis/watermarks.ts'
import { withCube } from '../kpis/with-cube.ts'
import { bold, faint, notable } from '../terminal/colour.ts'
import { csv, json, type Format } from '../terminal/formats.ts'
import { indent, table, type Column } from '../terminal/table.ts'

/** `recoup kpi [name]`: one KPI's values, or the list of all. */
export async function kpi(name: string | undefined, typed: Typed & { format: Format }) {
  const text = await withCube(async ({ cube, watermarks }) => {
    const views = await cube.views()
    const kpis = kpisOf(views)
    if (name === undefined) return printList(kpis, typed.format)

    const question = readQuestion(findFamily(kpis, name), views, typed)
    const watermark = requireWatermark(watermarks, question.view)
    return printAnswer(await answer(question, cube, watermark), typed.format)
  })
  console.log(text)
}

/** The answer as other programs read it; names are those of Cube and of the warehouse. */
function asJson({ asOf, rows, notes, complete, ...head }: Answer) {
  const values = rows.map(({ slice, value, display, denominator }) =>
    Object.assign({}, slice, { value, display, denominator }),
  )
  return { ...head, as_of: asOf, complete, notes, rows: values }
}

const bases: Record<string, string> = {
  cash: 'cash: by the day money moved',
  event: 'event: by the day it happened',
  cohort: 'cohort: by the day it began',
  as_of: 'as of: the state at the end of a day',
}

function printAnswer(found: Answer, format: Format): string {
  const names = Object.keys(found.rows[0]?.slice ?? {})
  if (format === 'json') return json(asJson(found))
  if (format === 'csv') return csv([...names, 'value', 'denominator'], asJson(found).rows)

  const hasDenominator = found.rows.some(({ denominator }) => denominator !== null)
  const columns: Column[] = [
    ...names.map((title) => ({ title })),
    { title: found.kpi, align: 'right' },
    ...(hasDenominator ? [{ title: 'out of', align: 'right' as const }] : []),
  ]
  const cells = found.rows.map((row) => {
    const tell = row.isSmall ? faint : (words: string) => words
    const line = [...Object.values(row.slice).map((word) => word ?? '–'), row.display]
    if (hasDenominator) line.push(row.denominatorDisplay ?? '')
    return line.map(tell)
  })
  return [
    `${bold(found.title)}  ${faint(bases[found.basis] ?? found.basis)}`,
    ...(found.description ? [found.description] : []),
    ...(found.page ? [faint(found.page)] : []),
    faint(periodWords(found)),
    ...found.notes.map((note) => notable(note)),
    '',
    found.rows.length ? indent(table(columns, cells)) : 'No rows for these days.',
    ...(found.rows.some(({ isSmall }) => isSmall)
      ? ['', faint('Greyed: out of fewer than 30, so the rate says little.')]
      : []),
  ].join('\n')
}

function periodWords({ from, to, asOf, basis, complete }: Answer): string {
  const reach = `data up to ${asOf}`
  if (from === null || to === null) return `All days; ${reach}`
  if (basis === 'as_of' && from === to) return `At the end of ${to}; ${reach}`
  const week = weekOf(from) === weekOf(to) ? `Week ${weekOf(from)}, ` : ''
  return `${week}${from} to ${to}${complete ? ', complete' : ''}; ${reach}`
}

const unitWords: Record<string, string> = {
  money: 'EUR',
  money_per_contact: 'EUR / contact',
  money_per_transaction: 'EUR / payment',
  percent: '%',
  per_mille: '‰',
}

function printList(kpis: Kpi[], format: Format): string {
  if (format === 'json') return json(kpis)
  if (format === 'csv') return csv(['name', 'title', 'unit', 'basis', 'view', 'page'], kpis)
  const columns = [
    { title: 'KPI' },
    { title: 'Unit' },
    { title: 'Basis' },
    { title: 'What it is', width: 38 },
  ]
  const rows = kpis.map(({ name, title, unit, basis }) => [
    name,
    unitWords[unit] ?? unit,
    basis.replace('_', ' '),
    title,
  ])
  return [
    table(columns, rows),
    '',
    `One KPI: recoup kpi recovery_cash_rate --by marketplace --week 2027-W04`,
  ].join('\n')
}
