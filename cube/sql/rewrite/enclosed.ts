import type { Node, SelectStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { isSpliced } from './translating.ts'
import { inside, mapTree, nameParts, withTest } from './tree.ts'

/**
 * A subquery that goes into Cube's own SQL, where the columns of the facts are in sight. So each of
 * its columns says which table of the subquery it is of, and none can be of the facts.
 */
export function enclosed(select: SelectStmt, visible: Set<string> = new Set()): SelectStmt {
  if (select.larg && select.rarg)
    return { ...select, larg: enclosed(select.larg, visible), rarg: enclosed(select.rarg, visible) }

  const { fromClause = [], withClause, sortClause, ...clauses } = select
  const own = new Set(fromClause.flatMap(tableNames))
  const all = new Set([...visible, ...own])
  const outputs = new Set(
    (select.targetList ?? []).map((target) => inside(target, 'ResTarget')?.name),
  )
  const qualified = <Tree>(tree: Tree, mayNameOutput = false): Tree =>
    mapTree(tree, (node) => {
      const link = inside(node, 'SubLink')
      const query = inside(link?.subselect, 'SelectStmt')
      if (link && query) {
        const subselect = { SelectStmt: enclosed(query, all) }
        return withTest({ ...link, subselect }, (test) => qualified(test))
      }
      const fields = inside(node, 'ColumnRef')?.fields
      if (!fields) return undefined
      const [first, ...others] = nameParts(fields)
      if (first === null || first === undefined) return node
      if (others.length > 0) return all.has(first) ? node : notItsOwn(first)
      if (isSpliced(first) || (mayNameOutput && outputs.has(first))) return node
      const [only] = own
      if (own.size !== 1 || only === undefined) return notItsOwn(first)
      return { ColumnRef: { fields: [{ String: { sval: only } }, ...fields] } }
    })
  return {
    ...qualified(clauses),
    ...(sortClause && { sortClause: qualified(sortClause, true) }),
    ...(fromClause.length > 0 && {
      fromClause: fromClause.map((item) => enclosedItem(item, visible, all, qualified)),
    }),
    ...(withClause && { withClause: mapTree(withClause, (node) => queryInside(node, visible)) }),
  }
}

function enclosedItem(
  item: Node,
  visible: Set<string>,
  all: Set<string>,
  qualified: <Tree>(tree: Tree) => Tree,
): Node {
  const join = inside(item, 'JoinExpr')
  if (join) {
    const side = (one: Node) => enclosedItem(one, visible, all, qualified)
    const { larg, rarg, quals } = join
    return {
      JoinExpr: {
        ...join,
        larg: side(larg!),
        rarg: side(rarg!),
        ...(quals && { quals: qualified(quals) }),
      },
    }
  }
  const subquery = inside(item, 'RangeSubselect')
  const inner = inside(subquery?.subquery, 'SelectStmt')
  if (subquery && inner) {
    const query = enclosed(inner, subquery.lateral ? all : visible)
    return { RangeSubselect: { ...subquery, subquery: { SelectStmt: query } } }
  }
  return 'RangeFunction' in item ? qualified(item) : item
}

function queryInside(node: Node, visible: Set<string>): Node | undefined {
  const select = inside(node, 'SelectStmt')
  return select && { SelectStmt: enclosed(select, visible) }
}

function tableNames(item: Node): string[] {
  const join = inside(item, 'JoinExpr')
  if (join) return [join.larg, join.rarg].flatMap((side) => (side ? tableNames(side) : []))
  const table = inside(item, 'RangeVar')
  const name =
    table?.alias?.aliasname ??
    table?.relname ??
    inside(item, 'RangeSubselect')?.alias?.aliasname ??
    inside(item, 'RangeFunction')?.alias?.aliasname
  return name === undefined ? [] : [name]
}

function notItsOwn(name: string): never {
  throw new Refusal(`The subquery uses "${name}", which is no column of its own.`, {
    code: '0A000',
    hint: 'Name its tables and put the name before each column; a subquery over a view stands by itself.',
  })
}
