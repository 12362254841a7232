import { deparseSync } from 'pgsql-deparser'
import { type Node, parseSync } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { fingerprint, inside, mapTree } from './tree.ts'

/**
 * The statements of a text, read by Postgres's own parser. Each prints back as what it was: a few
 * shapes come out of the printer changed (WITH TIES once did), and those are refused.
 * @throws Refusal where Postgres would not read it either
 */
export function parse(sql: string): Node[] {
  const statements = statementsOf(sql)
  for (const statement of statements) requireFaithful(statement)
  return statements
}

/** A statement as SQL. */
export function print(tree: Node | Node[]): string {
  return deparseSync(tree, { pretty: false })
}

/** One node, printed by itself. */
export function printExpression(node: Node): string {
  return print(node)
}

function statementsOf(sql: string): Node[] {
  try {
    const { stmts = [] } = parseSync(sql)
    return stmts.flatMap(({ stmt }) => (stmt ? [withoutPositions(stmt)] : []))
  } catch (error) {
    const { message } = error as Error
    if (message.includes('cannot be empty')) return []
    throw new Refusal(message, { code: '42601' })
  }
}

function requireFaithful(statement: Node) {
  let again: Node[] = []
  try {
    again = statementsOf(print(statement))
  } catch {
    // What the printer cannot say is refused below.
  }
  if (
    again.length === 1 &&
    fingerprint(plainTypes(again[0])) === fingerprint(plainTypes(statement))
  )
    return
  throw new Refusal('This statement cannot be passed on word for word, so it is not run.', {
    code: '0A000',
    hint: 'Say it in plainer SQL: rare clauses such as WITH TIES or GROUP BY DISTINCT are not known here.',
  })
}

/** `pg_catalog.text` prints as `text`, which is the same: no other schema has types here. */
function plainTypes<Tree>(tree: Tree): Tree {
  return mapTree(tree, (node) => {
    const { arg, typeName } = inside(node, 'TypeCast') ?? {}
    const [schema, ...names] = typeName?.names ?? []
    if (!arg || names.length === 0 || inside(schema, 'String')?.sval !== 'pg_catalog')
      return undefined
    return { TypeCast: { arg: plainTypes(arg), typeName: { ...typeName, names } } }
  })
}

const POSITIONS = new Set([
  'location',
  'stmt_location',
  'stmt_len',
  'rexpr_list_start',
  'rexpr_list_end',
  'list_start',
  'list_end',
  'jumble_args',
])

/** Where something stood in the text, and nothing of what it means. */
function withoutPositions<Tree>(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map(withoutPositions) as Tree
  if (!tree || typeof tree !== 'object') return tree
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(tree))
    if (!POSITIONS.has(key)) kept[key] = withoutPositions(value as unknown)
  return kept as Tree
}
