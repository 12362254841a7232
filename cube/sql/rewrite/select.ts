import type { Node, RangeVar, SelectStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { catalogSource } from './catalogs.ts'
import { groupedBlock } from './grouped-block.ts'
import { isAdditive, type View } from './model.ts'
import { readBlock } from './block.ts'
import { rowsBlock } from './rows-block.ts'
import { findSource, findView, isProjection } from './source.ts'
import type { Projection, Scope, Translating } from './translating.ts'
import { column, inside, kindOf, nameParts, someNode } from './tree.ts'
import { mapVetted } from './vetted.ts'
import { isMasked, needsGroup } from './cube-query.ts'

/** A query as Postgres may run it: each view in it has become a query of Cube's making. */
export async function translateSelect(
  select: SelectStmt,
  outer: Scope,
  t: Translating,
): Promise<SelectStmt> {
  if (select.intoClause) throw refused('SELECT INTO writes a table; nothing is written here.')
  if (select.lockingClause)
    throw refused('SELECT ... FOR UPDATE locks rows; nothing is locked here.')
  const { withClause, scope } = await translateWith(select, outer, t)
  const query = without(select, 'withClause')
  const translated = await translateBody(query, scope, t)
  return withClause ? { ...translated, withClause } : translated
}

async function translateBody(select: SelectStmt, scope: Scope, t: Translating) {
  if (select.op && select.op !== 'SETOP_NONE') return await translateSetOperation(select, scope, t)
  const source = findSource(select.fromClause, scope, t)
  if (source) {
    const [ready, where] = await subqueriesTranslated([select, source.where] as const, scope, t)
    const block = readBlock(ready, { ...source, where }, t)
    if (block.way === 'grouped')
      return await groupedBlock(block, t, (table) => tableSql(table, scope, t))
    if (block.way === 'rows') return await rowsBlock(block, t)
  }
  return await translateTables(select, scope, t)
}

async function translateSetOperation(select: SelectStmt, scope: Scope, t: Translating) {
  const { larg, rarg, ...rest } = select
  const clauses = await translateParts(rest, scope, t)
  return {
    ...clauses,
    larg: await translateSelect(larg!, scope, t),
    rarg: await translateSelect(rarg!, scope, t),
  }
}

/** A query over tables that are no views, or over views that are joined with each other. */
async function translateTables(select: SelectStmt, scope: Scope, t: Translating) {
  const { fromClause, ...rest } = select
  const views = new Map<string, View>()
  const from: Node[] = []
  for (const item of fromClause ?? []) from.push(await translateTable(item, scope, t, views))
  requireRowValuesOf(rest, views)
  const clauses = await translateParts(rest, scope, t)
  return from.length > 0 ? { ...clauses, fromClause: from } : clauses
}

async function translateTable(
  item: Node,
  scope: Scope,
  t: Translating,
  views: Map<string, View>,
): Promise<Node> {
  const join = inside(item, 'JoinExpr')
  if (join) {
    const { larg, rarg, quals, ...rest } = join
    const sides = {
      larg: await translateTable(larg!, scope, t, views),
      rarg: await translateTable(rarg!, scope, t, views),
    }
    requireRowValuesOf(quals, views)
    const on = quals && { quals: await translateParts(quals, scope, t) }
    return { JoinExpr: { ...rest, ...sides, ...on } }
  }
  const subquery = inside(item, 'RangeSubselect')
  const inner = inside(subquery?.subquery, 'SelectStmt')
  if (subquery && inner)
    return {
      RangeSubselect: {
        ...subquery,
        subquery: { SelectStmt: await translateSelect(inner, scope, t) },
      },
    }
  const table = inside(item, 'RangeVar')
  if (table) return await translateNamed(table, scope, t, views)
  if ('RangeFunction' in item) return await translateParts(item, scope, t)
  throw refused(`${kindOf(item)} is not supported in FROM.`)
}

/** A view among other tables is all of its rows, with the columns that have a value for a row. */
async function translateNamed(
  table: RangeVar,
  scope: Scope,
  t: Translating,
  views: Map<string, View>,
): Promise<Node> {
  const name = table.relname ?? ''
  const projection = table.schemaname ? undefined : scope.get(name)
  const view = findView(table, scope, t)
  if (!projection && !view) {
    if (!table.schemaname && scope.has(name)) return { RangeVar: table }
    return catalogSource(table, t.views.keys())
  }
  const alias = table.alias ?? { aliasname: name }
  if (view) views.set(alias.aliasname ?? name, view)
  const columns = view?.columns.filter((one) => isAdditive(one) && !one.masked)
  const targetList: Node[] = (columns ?? [null]).map((one) => ({
    ResTarget: { val: one ? column(one.name) : { ColumnRef: { fields: [{ A_Star: {} }] } } },
  }))
  const rows: SelectStmt = {
    targetList,
    fromClause: [{ RangeVar: without(table, 'alias') }],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  }
  return {
    RangeSubselect: { subquery: { SelectStmt: await translateSelect(rows, scope, t) }, alias },
  }
}

/** Says why a column is missing, where Postgres would only say that it is. */
function requireRowValuesOf(tree: unknown, views: Map<string, View>) {
  if (views.size === 0) return
  someNode(tree, (node) => {
    const parts = nameParts(inside(node, 'ColumnRef')?.fields)
    const name = parts.at(-1)
    const qualifier = parts.at(-2)
    for (const [alias, view] of views) {
      const found = view.columns.find((one) => one.name === name)
      if (!found || (qualifier && qualifier !== alias)) continue
      if (found.masked) throw isMasked(found.name)
      if (!isAdditive(found)) throw needsGroup(found.name)
    }
    return false
  })
}

/** The SQL of a table that is joined to a view inside Cube. */
async function tableSql(table: Node, scope: Scope, t: Translating): Promise<SelectStmt> {
  const inner = inside(inside(table, 'RangeSubselect')?.subquery, 'SelectStmt')
  return await translateSelect(inner!, scope, t)
}

async function translateWith(select: SelectStmt, outer: Scope, t: Translating) {
  const scope: Scope = new Map(outer)
  if (!select.withClause) return { scope, withClause: undefined }
  const { ctes = [], recursive } = select.withClause
  const kept: Node[] = []
  for (const node of ctes) {
    const cte = inside(node, 'CommonTableExpr')
    const query = inside(cte?.ctequery, 'SelectStmt')
    if (!cte?.ctename || !query)
      throw refused('WITH may hold queries only; nothing is written here.')
    if (recursive) scope.set(cte.ctename, null)
    // What only picks columns of a view is put in the place of its name: Cube then sees the view.
    const isPlain = !recursive && !cte.aliascolnames && isProjection(query, scope, t)
    if (!isPlain) {
      const translated = await translateSelect(query, scope, t)
      kept.push({ CommonTableExpr: { ...cte, ctequery: { SelectStmt: translated } } })
    }
    scope.set(cte.ctename, isPlain ? await asProjection(query, new Map(scope), t) : null)
  }
  const withClause = kept.length > 0 ? { ...select.withClause, ctes: kept } : undefined
  return { scope, withClause }
}

/** A name may be taken later for something else, so the query is read with what its names mean now. */
async function asProjection(query: SelectStmt, scope: Scope, t: Translating): Promise<Projection> {
  const whereClause = await subqueriesTranslated(query.whereClause, scope, t)
  return { query: { ...query, ...(whereClause && { whereClause }) }, scope }
}

/** Everything of a query that is not in a view's place: listed words only, subqueries translated. */
async function translateParts<Tree>(tree: Tree, scope: Scope, t: Translating): Promise<Tree> {
  const ready = await subqueriesTranslated(tree, scope, t)
  return mapVetted(ready, t)
}

/** The tree with the subqueries of its expressions translated; each stands by itself. */
async function subqueriesTranslated<Tree>(tree: Tree, scope: Scope, t: Translating): Promise<Tree> {
  if (Array.isArray(tree)) {
    const parts: unknown[] = []
    for (const part of tree) parts.push(await subqueriesTranslated(part, scope, t))
    return parts as Tree
  }
  if (!tree || typeof tree !== 'object') return tree
  const link = inside(tree as unknown as Node, 'SubLink')
  const select = inside(link?.subselect, 'SelectStmt')
  if (link && select) {
    const translated = await translateSelect(select, scope, t)
    const testexpr = await subqueriesTranslated(link.testexpr, scope, t)
    return {
      SubLink: { ...link, ...(testexpr && { testexpr }), subselect: { SelectStmt: translated } },
    } as Tree
  }
  const parts: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(tree))
    parts[key] =
      key === 'fromClause' || key === 'withClause'
        ? value
        : await subqueriesTranslated(value as unknown, scope, t)
  return parts as Tree
}

function without<Whole extends object, Key extends keyof Whole>(
  whole: Whole,
  key: Key,
): Omit<Whole, Key> {
  const { [key]: _, ...rest } = whole
  return rest
}

function refused(sentence: string) {
  return new Refusal(sentence, { code: '0A000' })
}
