import type { Node } from 'libpg-query'
import { goneColumn } from './catalogs.ts'
import { outputName } from './names.ts'
import type { Translating } from './translating.ts'
import { cast, inside, mapTree, nameParts, text, withTest } from './tree.ts'
import { requireKnown } from './vocabulary.ts'

/** Vets a tree and puts in what the session knows; translated subqueries are not looked into again. */
export function mapVetted<Tree>(tree: Tree, t: Pick<Translating, 'user'>): Tree {
  return mapTree(tree, (node) => {
    requireKnown(node)
    const link = inside(node, 'SubLink')
    if (link) return withTest(link, (test) => mapVetted(test, t))
    const target = inside(node, 'ResTarget')
    const value = target && !target.name && target.val && sessionValue(target.val, t)
    if (value) return { ResTarget: { name: outputName(target.val), val: value } }
    return goneColumn(node) ?? sessionValue(node, t)
  })
}

/** `current_user` is who asks, not whom the endpoint asks as. */
function sessionValue(node: Node, { user }: Pick<Translating, 'user'>): Node | undefined {
  const op = inside(node, 'SQLValueFunction')?.op
  if (op && /USER|ROLE/.test(op)) return cast(text(user), 'name')
  // Nobody reads how a view is defined: there is nothing behind these but the endpoint.
  const call = inside(node, 'FuncCall')
  const name = nameParts(call?.funcname).at(-1)
  if (name === 'pg_get_viewdef' || name === 'pg_get_ruledef')
    return cast({ A_Const: { isnull: true } }, 'text')
  return undefined
}
