import type { Node, SelectStmt } from 'libpg-query'
import { type Block, requireBareMasks, requireResolved, type Target } from './block.ts'
import { finishDraft, needsGroup, startDraft } from './cube-query.ts'
import { addConditions } from './filters.ts'
import { anchorOf, columnOf, isAdditive, type ViewColumn } from './model.ts'
import type { Translating } from './translating.ts'
import { allOf, cast, column, inside, isSubquery, mapTree, someNode } from './tree.ts'
import { mapVetted } from './vetted.ts'

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
    return column(ALIAS, alias)
  }
  const placed = <Tree>(tree: Tree): Tree =>
    mapVetted(
      mapTree(tree, (node) => {
        const found = columnOf(node, view)
        return found && placeOf(found)
      }),
      t,
    )

  const ofMeasures = block.conditions.filter((one) =>
    someNode(one, (node) => isMeasure(node, block), isSubquery),
  )
  const whereClause = placed(allOf(ofMeasures))
  const select: SelectStmt = {
    ...placed(rest),
    targetList: targets.map(({ name, value }) => ({ ResTarget: { name, val: placed(value) } })),
    ...(whereClause && { whereClause }),
    ...(groupBy.length > 0 && { groupClause: placed(groupBy) }),
    ...(having && { havingClause: placed(having) }),
    ...(sort.length > 0 && { sortClause: placed(sort) }),
    ...(windows.length > 0 && { windowClause: placed(windows) }),
  }
  addConditions(
    draft,
    block.conditions.filter((one) => !ofMeasures.includes(one)),
  )
  if (draft.columns.size === 0) placeOf(anchorOf(view))
  const rows = t.splice(await finishDraft(draft, t))
  return {
    ...select,
    fromClause: [{ RangeSubselect: { subquery: rows, alias: { aliasname: ALIAS } } }],
  }
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

function isMeasure(node: Node, { source }: Block) {
  return columnOf(node, source.view)?.kind === 'measure'
}

function sortKey(item: Node): Node | undefined {
  return inside(item, 'SortBy')?.node
}
