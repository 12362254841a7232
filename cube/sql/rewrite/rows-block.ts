import type { Node, SelectStmt } from 'libpg-query'
import {
  bareMeasure,
  type Block,
  isMeasureOf,
  requireBareMasks,
  requireResolved,
  sortKey,
  type Target,
} from './block.ts'
import { finishDraft, needsGroup, startDraft } from './cube-query.ts'
import { addConditions } from './filters.ts'
import {
  aggregateIn,
  anchorOf,
  columnOf,
  isAdditive,
  isAggregate,
  type ViewColumn,
} from './model.ts'
import type { Source } from './source.ts'
import type { Translating } from './translating.ts'
import {
  allOf,
  call,
  cast,
  column,
  fromQuery,
  isSubquery,
  mapTree,
  orZero,
  someNode,
} from './tree.ts'

const ALIAS = 'view_rows'

/** A block over the rows of a view: Cube gives them, filtered, and Postgres does all else. */
export async function rowsBlock(block: Block, t: Translating): Promise<SelectStmt> {
  const { source, groupBy, having, sort, windows, rest } = block
  const { view } = source
  const targets = withRowValues(block, t)
  const values = targets.map(({ value }) => value)
  requireResolved([values, block.conditions, groupBy, having, sort, windows], source)
  requireBareMasks([...values, ...groupBy, having, sort.map(sortKey), windows], source)

  const draft = startDraft(view)
  draft.query.ungrouped = true
  const placeOf = (one: ViewColumn): Node => {
    if (!isAdditive(one)) throw needsGroup(one.name)
    let alias = draft.aliases[one.member]
    if (!alias) {
      alias = `column_${draft.columns.size}`
      draft.aliases[one.member] = alias
      draft.columns.set(alias, one.sqlType)
      draft.query[one.kind === 'measure' ? 'measures' : 'dimensions'].push(one.member)
    }
    // Not counted is 0, as in a group; what is not there to be summed is NULL in the facts.
    return one.kind === 'measure' ? orZero(column(ALIAS, alias)) : column(ALIAS, alias)
  }
  const placed = <Tree>(tree: Tree): Tree =>
    mapTree(tree, (node) => {
      const found = columnOf(node, view)
      return found && placeOf(found)
    })
  const isGrouped = groupBy.length > 0 || Boolean(having) || someNode([values, sort], isAggregate)
  const placedOut = <Tree>(tree: Tree): Tree => placed(isGrouped ? withSums(tree, source) : tree)

  const ofMeasures = block.conditions.filter((one) =>
    someNode(one, (node) => isMeasureOf(node, source), isSubquery),
  )
  const whereClause = placed(allOf(ofMeasures))
  const select: SelectStmt = {
    ...placedOut(rest),
    targetList: targets.map(({ name, value }) => ({ ResTarget: { name, val: placedOut(value) } })),
    ...(whereClause && { whereClause }),
    ...(groupBy.length > 0 && { groupClause: placed(groupBy) }),
    ...(having && { havingClause: placedOut(having) }),
    ...(sort.length > 0 && { sortClause: placedOut(sort) }),
    ...(windows.length > 0 && { windowClause: placedOut(windows) }),
  }
  addConditions(
    draft,
    block.conditions.filter((one) => !ofMeasures.includes(one)),
  )
  if (draft.columns.size === 0) placeOf(anchorOf(view))
  return { ...select, ...fromQuery(t.splice(await finishDraft(draft, t)), ALIAS) }
}

/** The tree with a sum in place of each measure that is asked for by group: `MEASURE(fees_count)`. */
function withSums<Tree>(tree: Tree, source: Source): Tree {
  return mapTree(tree, (node) => {
    if (isMeasureOf(node, source)) return orZero(call('sum', node))
    const { name, call: given } = aggregateIn(node) ?? {}
    if (!given) return undefined
    const isMeasured = name === 'measure' || name === 'aggregate'
    if (!isMeasured || !bareMeasure(given.args, source)) return node
    const funcname = [{ String: { sval: 'sum' } }]
    return orZero({ FuncCall: { ...given, funcname } })
  })
}

/** Columns of `SELECT *` that have no value for a row are NULL, and a notice says so. */
function withRowValues({ targets, source }: Block, t: Translating): Target[] {
  const without = new Set<string>()
  const valued = targets.map((target) => {
    const found = columnOf(target.value, source.view)
    if (!found || isAdditive(found) || !target.fromStar) return target
    without.add(found.name)
    return { ...target, value: cast({ A_Const: { isnull: true } }, found.sqlType) }
  })
  const [example] = without
  if (example)
    t.notices.add(
      `NULL in each row, since they have a value for a group of rows only: ${[...without].join(', ')}. ` +
        `Ask for them by group: SELECT ..., MEASURE(${example}) ... GROUP BY ...`,
    )
  return valued
}
