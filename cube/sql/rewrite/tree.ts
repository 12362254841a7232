import type { Node, SelectStmt, SubLink } from 'libpg-query'

/** The kinds of node in a syntax tree, as Postgres's parser names them, and what each holds. */
export type NodeKinds = {
  [Kind in KindOf<Node>]: Extract<Node, Record<Kind, unknown>>[Kind]
}

type KindOf<Wrapped> = Wrapped extends unknown ? keyof Wrapped : never

/** What is inside a node, if it is of this kind. */
export function inside<Kind extends keyof NodeKinds>(
  node: Node | undefined,
  kind: Kind,
): NodeKinds[Kind] | undefined {
  return (node as Partial<NodeKinds> | undefined)?.[kind]
}

export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? 'nothing'
}

/** Whether two trees say the same; trees carry no positions, see parse.ts. */
export function fingerprint(tree: unknown): string {
  return JSON.stringify(tree)
}

/** The tree with nodes replaced where `replace` gives one; what was replaced is not looked into. */
export function mapTree<Tree>(tree: Tree, replace: (node: Node) => Node | undefined): Tree {
  if (Array.isArray(tree)) return tree.map((part) => mapTree(part, replace)) as Tree
  if (!tree || typeof tree !== 'object') return tree
  const replaced = replace(tree as unknown as Node)
  if (replaced) return replaced as Tree
  const mapped: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(tree)) mapped[key] = mapTree(value as unknown, replace)
  return mapped as Tree
}

/** Whether a node somewhere in the tree is as asked; nodes that `stop` names are not looked into. */
export function someNode(
  tree: unknown,
  is: (node: Node) => boolean,
  stop: (node: Node) => boolean = () => false,
): boolean {
  if (Array.isArray(tree)) return tree.some((part) => someNode(part, is, stop))
  if (!tree || typeof tree !== 'object') return false
  if (is(tree as unknown as Node)) return true
  if (stop(tree as unknown as Node)) return false
  return Object.values(tree).some((part) => someNode(part, is, stop))
}

/** A subquery with what stands before it, as in `x IN (...)`, changed. */
export function withTest(link: SubLink, change: (test: Node) => Node): Node {
  return { SubLink: { ...link, ...(link.testexpr && { testexpr: change(link.testexpr) }) } }
}

export function isSubquery(node: Node): boolean {
  return 'SubLink' in node
}

/** The parts of a dotted name, as in a column or a function; `*` is null. */
export function nameParts(names: Node[] | undefined): (string | null)[] {
  return (names ?? []).map((name) => inside(name, 'String')?.sval ?? null)
}

/** The last part of a function's name. Postgres has folded its case already. */
export function functionName({ funcname }: { funcname?: Node[] }): string {
  return nameParts(funcname).at(-1) ?? ''
}

export function column(...parts: string[]): Node {
  return { ColumnRef: { fields: parts.map((sval) => ({ String: { sval } })) } }
}

export function text(value: string): Node {
  return { A_Const: { sval: { sval: value } } }
}

export function integer(value: number): Node {
  // Zero is written by leaving it out.
  return { A_Const: { ival: value === 0 ? {} : { ival: value } } }
}

export function call(name: string, ...args: Node[]): Node {
  const funcname = [{ String: { sval: name } }]
  return { FuncCall: { funcname, args, funcformat: 'COERCE_EXPLICIT_CALL' } }
}

export function binary(operator: string, lexpr: Node, rexpr: Node): Node {
  return { A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: operator } }], lexpr, rexpr } }
}

/** A FROM of one subquery. */
export function fromQuery(subquery: Node, aliasname: string): Pick<SelectStmt, 'fromClause'> {
  return { fromClause: [{ RangeSubselect: { subquery, alias: { aliasname } } }] }
}

export function orZero(value: Node): Node {
  return { CoalesceExpr: { args: [value, integer(0)] } }
}

export function cast(arg: Node, type: string): Node {
  return {
    TypeCast: { arg, typeName: { names: [{ String: { sval: type } }], typemod: -1 } },
  }
}

export function allOf(conditions: Node[]): Node | undefined {
  return conditions.length > 1
    ? { BoolExpr: { boolop: 'AND_EXPR', args: conditions } }
    : conditions[0]
}

/** The parts of a condition that must all hold. */
export function conjuncts(condition: Node | undefined): Node[] {
  if (!condition) return []
  const all = inside(condition, 'BoolExpr')
  return all?.boolop === 'AND_EXPR' ? (all.args ?? []).flatMap(conjuncts) : [condition]
}

/** What a cast is of; the node itself where there is none. */
export function withoutCasts(node: Node, types?: Set<string>): Node {
  const { arg, typeName } = inside(node, 'TypeCast') ?? {}
  if (!arg) return node
  const type = nameParts(typeName?.names).at(-1) ?? ''
  return !types || types.has(type) ? withoutCasts(arg, types) : node
}

/** The text of a string constant, also of one with a cast to a text type. */
export function textOf(node: Node | undefined): string | undefined {
  return node && inside(withoutCasts(node, TEXT_TYPES), 'A_Const')?.sval?.sval
}

const TEXT_TYPES = new Set(['text', 'varchar', 'bpchar', 'unknown'])
