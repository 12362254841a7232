import { type Node, scanSync } from 'libpg-query'
import {
  binary,
  call,
  cast,
  functionName,
  inside,
  integer,
  mapTree,
  nameParts,
  text,
  textOf,
} from './tree.ts'

/**
 * Words of other dialects that BI tools send to whatever calls itself Postgres, put into Postgres's
 * own, before it is parsed: `CURRENT_DATE()`.
 */
export function inPostgresWords(sql: string): string {
  if (!/current_(date|timestamp|time)\s*\(\s*\)/i.test(sql)) return sql
  const bytes = Buffer.from(sql)
  const { tokens } = scanSync(sql)
  const cuts: [number, number][] = []
  for (const [index, token] of tokens.entries()) {
    const open = tokens[index + 1]
    const close = tokens[index + 2]
    if (!/^CURRENT_(DATE|TIMESTAMP|TIME)$/i.test(token.text)) continue
    if (open?.text === '(' && close?.text === ')') cuts.push([open.start, close.end])
  }
  let kept = ''
  let from = 0
  for (const [start, end] of cuts) {
    kept += bytes.subarray(from, start).toString()
    from = end
  }
  return kept + bytes.subarray(from).toString()
}

/** Functions of other dialects, in a parsed statement: Redshift's DATEADD and DATEDIFF, NVL, GETDATE. */
export function inPostgresFunctions<Tree>(tree: Tree): Tree {
  return mapTree(tree, (node) => {
    const foreign = inside(node, 'FuncCall')
    const make = foreign && FOREIGN[functionName(foreign).toLowerCase()]
    return make && foreign.funcname?.length === 1
      ? make((foreign.args ?? []).map(inPostgresFunctions))
      : undefined
  })
}

type Make = (args: Node[]) => Node | undefined

const FOREIGN: Record<string, Make | undefined> = {
  dateadd: ([unit, amount, day]) => {
    const part = unitOf(unit)
    if (!part || !amount || !day) return undefined
    const step = cast(text(part === 'quarter' ? '3 months' : `1 ${part}`), 'interval')
    return binary('+', cast(day, 'timestamp'), binary('*', amount, step))
  },
  datediff: ([unit, from, to]) => {
    const part = unitOf(unit)
    if (!part || !from || !to) return undefined
    return binary('-', boundaries(part, to), boundaries(part, from))
  },
  nvl: (args) => (args.length > 0 ? { CoalesceExpr: { args } } : undefined),
  getdate: () => call('now'),
}

const UNITS = new Set(['day', 'week', 'month', 'quarter', 'year', 'hour', 'minute', 'second'])

/** The first argument is a bare word, or a text. */
function unitOf(node: Node | undefined): string | undefined {
  const [word] = nameParts(inside(node, 'ColumnRef')?.fields)
  const unit = (word ?? textOf(node) ?? '').toLowerCase().replace(/s$/, '')
  return UNITS.has(unit) ? unit : undefined
}

/** How many boundaries of a unit lie before a time: Redshift counts those crossed. */
function boundaries(unit: string, node: Node): Node {
  const time = cast(node, 'timestamp')
  const part = (field: string) => call('date_part', text(field), time)
  if (unit === 'year') return cast(part('year'), 'int8')
  const months = (each: number) =>
    binary(
      '+',
      binary('*', part('year'), integer(12 / each)),
      part(each === 3 ? 'quarter' : 'month'),
    )
  if (unit === 'month') return cast(months(1), 'int8')
  if (unit === 'quarter') return cast(months(3), 'int8')
  const seconds = SECONDS[unit] ?? 1
  const truncated = call('date_trunc', text(unit), time)
  // Weeks are counted from a Monday.
  const epoch = call(
    'date_part',
    text('epoch'),
    binary('-', truncated, cast(text('1970-01-05'), 'timestamp')),
  )
  return cast(binary('/', epoch, integer(seconds)), 'int8')
}

const SECONDS: Record<string, number | undefined> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
}
