import type { Node, VariableSetStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { SHOWN_SETTINGS } from './catalogs.ts'
import { print } from './parse.ts'
import { translateSelect } from './select.ts'
import type { Translating } from './translating.ts'
import { inside, kindOf, someNode, textOf } from './tree.ts'
import { mapVetted } from './vetted.ts'
import { statementName } from './vocabulary.ts'

/** One statement as Postgres may run it. @throws Refusal for all but reading and what goes with it */
export async function translateStatement(statement: Node, t: Translating): Promise<string> {
  const kind = kindOf(statement)
  const translated = (node: Node) => t.unsplice(print(node))
  switch (kind) {
    case 'SelectStmt':
      return translated(await translatedQuery(statement, t))
    case 'DeclareCursorStmt': {
      const cursor = inside(statement, kind)!
      const query = await translatedQuery(cursor.query!, t)
      return translated({ DeclareCursorStmt: { ...cursor, query } })
    }
    case 'PrepareStmt': {
      const prepared = inside(statement, kind)!
      const query = await translatedQuery(prepared.query!, t)
      return translated({ PrepareStmt: { ...prepared, query } })
    }
    case 'ExecuteStmt': {
      const execute = inside(statement, kind)!
      const { params } = execute
      return print({ ExecuteStmt: { ...execute, ...(params && { params: mapVetted(params, t) }) } })
    }
    case 'FetchStmt':
    case 'ClosePortalStmt':
    case 'DeallocateStmt':
    case 'DiscardStmt':
      return print(statement)
    case 'TransactionStmt':
      requirePlainTransaction(statement)
      return print(statement)
    case 'VariableShowStmt':
      requireShown(inside(statement, kind)?.name)
      return print(statement)
    case 'VariableSetStmt':
      return setStatement(inside(statement, kind)!, statement)
    default:
      throw new Refusal(`${statementName(statement)} is not run here: the endpoint only reads.`, {
        code: '42501',
        hint: HINTS[kind] ?? 'SELECT, cursors, prepared statements and transactions are.',
      })
  }
}

const HINTS: Record<string, string | undefined> = {
  CopyStmt: 'Use SELECT, or a cursor for a long answer; psql has \\g file and --csv.',
  CreateStmt: 'No tables are made, not even temporary ones; use WITH.',
  CreateTableAsStmt: 'No tables are made, not even temporary ones; use WITH.',
  ExplainStmt:
    'The plan is of queries that Cube makes; "recoup kpi" and the docs say what they count.',
}

async function translatedQuery(node: Node, t: Translating): Promise<Node> {
  const select = inside(node, 'SelectStmt')
  if (!select)
    throw new Refusal(`${statementName(node)} is not run here: the endpoint only reads.`, {
      code: '42501',
    })
  return { SelectStmt: await translateSelect(select, new Map(), t) }
}

function requirePlainTransaction(statement: Node) {
  const { kind, options } = inside(statement, 'TransactionStmt')!
  if (/PREPARE/.test(kind ?? ''))
    throw new Refusal('Two-phase transactions are not run here.', { code: '0A000' })
  requireReadOnly(options)
}

/** Transactions only read; who asks for one that writes is told so. */
function requireReadOnly(options: unknown) {
  const isReadWrite = someNode(options, (node) => {
    const option = inside(node, 'DefElem')
    if (option?.defname !== 'transaction_read_only') return false
    const value = inside(option.arg, 'A_Const')
    return value?.ival !== undefined && !value.ival.ival
  })
  if (isReadWrite)
    throw new Refusal('READ WRITE is not possible here: the endpoint only reads.', {
      code: '25006',
    })
}

function requireShown(name = '') {
  const setting = name.toLowerCase()
  if (!SHOWN_SETTINGS.has(setting) && setting !== 'transaction isolation level')
    throw new Refusal(`Setting "${name}" is not shown here.`, {
      code: '42501',
      hint: `Shown are: ${[...SHOWN_SETTINGS].join(', ')}.`,
    })
}

/** What a session may set for itself. */
const SETTABLE = new Set(
  (
    'application_name bytea_output client_encoding client_min_messages datestyle extra_float_digits ' +
    'geqo idle_in_transaction_session_timeout intervalstyle lc_messages lc_monetary lc_numeric lc_time ' +
    'lock_timeout row_security search_path standard_conforming_strings statement_timeout timezone ' +
    'transaction_isolation'
  ).split(' '),
)

/** A statement may take as long as this, whatever a session sets. */
const LONGEST_STATEMENT_MS = 10 * 60_000

function setStatement(set: VariableSetStmt, statement: Node): string {
  const name = (set.name ?? '').toLowerCase()
  if (set.kind === 'VAR_RESET_ALL') return print(statement)
  if (set.kind === 'VAR_SET_MULTI') {
    if (name !== 'transaction' && name !== 'session characteristics') throw notSettable(name)
    requireReadOnly(set.args)
    return print(statement)
  }
  if (!SETTABLE.has(name)) throw notSettable(name)
  if (set.kind === 'VAR_RESET' || set.kind === 'VAR_SET_DEFAULT') return `RESET ${name}`
  return `SET ${set.is_local ? 'LOCAL ' : ''}${name} TO ${settingValue(name, set.args ?? [])}`
}

function settingValue(name: string, args: Node[]): string {
  const values = args.map(plainValue)
  const [value = ''] = values
  // Views are found in one schema, and policies are not Postgres's here: tools may set both, to no effect.
  if (name === 'search_path') return 'bi, pg_catalog'
  if (name === 'row_security') return 'on'
  if (name === 'client_encoding') {
    // Who asks for SQL_ASCII takes what comes, and UTF8 comes.
    if (/^(utf-?8|unicode|sql_ascii)$/i.test(value)) return 'UTF8'
    throw new Refusal(`Encoding "${value}" is not spoken here, only UTF8.`, { code: '22023' })
  }
  if (name === 'standard_conforming_strings' && !/^(on|true|1|yes)$/i.test(value))
    throw new Refusal('standard_conforming_strings is always on here.', { code: '22023' })
  if (name === 'statement_timeout' || name === 'idle_in_transaction_session_timeout')
    return boundedTime(value)
  return values.map((each) => `'${each.replaceAll("'", "''")}'`).join(', ')
}

function boundedTime(value: string): string {
  const [, amount = '0', unit = 'ms'] = /^(\d+)\s*(ms|s|min)?$/.exec(value) ?? []
  const ms = Number(amount) * ({ ms: 1, s: 1000, min: 60_000 }[unit] ?? 1)
  return String(ms > 0 ? Math.min(ms, LONGEST_STATEMENT_MS) : LONGEST_STATEMENT_MS)
}

function plainValue(node: Node): string {
  const literal = inside(node, 'A_Const')
  const value =
    textOf(node) ??
    literal?.fval?.fval ??
    (literal?.ival ? String(literal.ival.ival ?? 0) : undefined) ??
    (literal?.boolval ? String(literal.boolval.boolval ?? false) : undefined)
  if (value === undefined)
    throw new Refusal(`SET takes a plain value here, not ${print(node)}.`, { code: '22023' })
  return value
}

function notSettable(name: string) {
  return new Refusal(`"${name}" cannot be set here.`, {
    code: '42501',
    hint: `What can be set: ${[...SETTABLE].join(', ')}.`,
  })
}
