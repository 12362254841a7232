import { escapeIdentifier } from 'pg'

import { answer, type Answer } from '../kpis/answer.ts'
import { findFamily, headOf, type Kpi, kpisOf } from '../kpis/catalogue.ts'
import type { CubeView } from '../kpis/cube-client.ts'
import { readQuestion } from '../kpis/question.ts'
import { requireWatermark } from '../kpis/watermarks.ts'
import type { KpiDesk } from '../kpis/with-cube.ts'
import { UsageError } from '../terminal/mistakes.ts'
import type { Column } from './column.ts'
import type { Session } from './session.ts'
import type { Asked, Subject } from './subject.ts'

const table = 'pg_temp.answer'
const rowsAtOnce = 5000

/**
 * The answer of Cube to a question about a KPI, laid into a temporary table of the session: from
 * there it leaves like any other table.
 */
export async function answerSubject(
  session: Session,
  { cube, watermarks }: KpiDesk,
  views: readonly CubeView[],
  asked: Asked,
): Promise<Subject> {
  if (asked.columns !== undefined)
    throw new UsageError(
      `--columns is for tables, and ${asked.name} is a KPI. To split it: --by marketplace,week`,
    )
  const family = findFamily(kpisOf(views), asked.name)
  const question = readQuestion(family, views, typedOf(asked))
  const found = await answer(question, cube, requireWatermark(watermarks, question.view))

  const view = views.find(({ name }) => name === question.view)
  const columns = [
    ...(question.every ? [spanColumn(question.every)] : []),
    ...question.by.map((name) => dimensionColumn(view, name)),
    ...(family.parts.length > 1 ? [column('part', 'text', 'Which part of the whole it is')] : []),
    valueColumn(found, headOf(family)),
    ...(headOf(family).denominator ? [denominatorColumn(headOf(family))] : []),
  ]
  await lay(session, columns, found)
  return {
    name: found.kpi,
    from: table,
    columns,
    about: aboutOf(found),
    notes: found.notes,
    rows: found.rows.length,
  }
}

function typedOf({ by, where, week, from, to }: Asked) {
  return {
    ...(by !== undefined && { by }),
    ...(where && { where }),
    ...(week !== undefined && { week }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
}

/** Money and counts are exact; a rate is a quotient, so a float says all there is to say. */
function valueColumn({ title, description, unit }: Answer, kpi: Kpi): Column {
  return column('value', typeOf(unit), description || title || kpi.description, unitWord(unit))
}

function denominatorColumn({ denominator, denominatorUnit }: Kpi): Column {
  const words = `What the value is out of: ${denominator}`
  return column('denominator', typeOf(denominatorUnit), words, unitWord(denominatorUnit))
}

function typeOf(unit: string): string {
  if (unit === 'money') return 'numeric'
  return unit === 'count' ? 'int8' : 'float8'
}

function unitWord(unit: string): string {
  return unit === 'money' ? 'EUR' : unit
}

/** A week is told by its ISO name; every other span by its first day. */
function spanColumn(every: string): Column {
  return every === 'week'
    ? column('week', 'text', 'ISO week')
    : column(every, 'date', `First day of the ${every}`)
}

function dimensionColumn(view: CubeView | undefined, name: string): Column {
  const found = view?.dimensions.find((one) => one.name === `${view.name}.${name}`)
  return column(name, 'text', found?.description ?? found?.shortTitle ?? null)
}

function column(name: string, type: string, description: string | null, unit?: string): Column {
  return { name, type, decimal: null, nullable: true, description, unit: unit ?? null }
}

async function lay(session: Session, columns: readonly Column[], { rows }: Answer) {
  const typed = columns.map(({ name, type }) => `${escapeIdentifier(name)} ${type}`).join(', ')
  await session.query(`create temp table answer (${typed})`)
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const some = rows
      .slice(at, at + rowsAtOnce)
      .map(({ slice, value, denominator }) => ({ ...slice, value, denominator }))
    await session.query(
      `insert into ${table} select * from json_to_recordset($1::json) as r(${typed})`,
      [JSON.stringify(some)],
    )
  }
}

function aboutOf({ kpi, title, description, basis, unit, ...rest }: Answer) {
  const known = { kpi, title, description, basis, unit, from: rest.from, to: rest.to }
  const about = Object.entries({ ...known, as_of: rest.asOf, page: rest.page })
  const notes = rest.notes.join(' ')
  return {
    ...Object.fromEntries(about.filter((entry): entry is [string, string] => Boolean(entry[1]))),
    ...(rest.complete !== null && { complete: String(rest.complete) }),
    ...(notes && { notes }),
  }
}
