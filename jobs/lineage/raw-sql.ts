import { IdentifierNode, type OperationNode, RawNode } from 'kysely'

import { isReserved, isSyntax } from './sql-words.ts'

/** What a piece of raw SQL is made of. */
export interface RawSql {
  /** The parts that are no text: references, expressions, queries. */
  parts: OperationNode[]
  /** Names in the text that may be columns or tables: `currency`, `f.currency`. */
  names: string[]
  /** Whether it is nothing but one part. */
  isOnePart: boolean
  /** Of `(select a, b from ...)`: 2. Null when it is no query. */
  selected: number | null
  /** Whether the text filters, joins or groups. */
  restricts: boolean
  /** What of it cannot be read at all. */
  unreadable: string | null
}

interface Level {
  outer: Level | null
  /** The function whose arguments these are. */
  call: string | null
  clause: 'none' | 'select' | 'from' | 'rest'
  aliases: Set<string>
}

const part = '\u0001'
const tokens =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\d[\w.]*|[a-z_][\w$]*|::|[\s\S]/gi
const restricting = new Set(['where', 'join', 'group', 'having', 'union', 'except', 'intersect'])

/** Reads raw SQL as far as lineage needs it: which names its text holds besides functions and types. */
export function readRaw(node: RawNode): RawSql {
  const parts: OperationNode[] = []
  const text = textOf(node, parts)
  const words = (text.match(tokens) ?? []).filter((token) => !/^(\s|--|\/\*)/.test(token))
  const found: { name: string; level: Level }[] = []
  const raw: RawSql = {
    parts,
    names: [],
    isOnePart: words.length === 1 && words[0] === part,
    selected: null,
    restricts: false,
    unreadable: null,
  }

  let level = levelIn(null, null)
  for (const [index, token] of words.entries()) {
    const [before = '', after = ''] = [words[index - 1], words[index + 1]]
    const word = token.toLowerCase()
    if (token === '(') level = levelIn(level, isName(before) ? before.toLowerCase() : null)
    else if (token === ')') level = level.outer ?? level
    else if (token === ',' && level.clause === 'select') raw.selected = (raw.selected ?? 1) + 1
    else if (token === '*' && ['select', ',', '.'].includes(before.toLowerCase()))
      raw.unreadable = 'raw SQL selects *'
    else if (token === '$' || (/^[eu]$/i.test(before) && token.startsWith("'")))
      raw.unreadable = 'raw SQL holds a kind of text that is not read'
    else if (isReserved(word)) {
      if (word === 'select') raw.selected ??= 1
      if (restricting.has(word)) raw.restricts = true
      // `is distinct from` begins no FROM.
      if (before.toLowerCase() !== 'distinct') level.clause = clauseAfter(word, level)
    } else if (isName(token)) {
      const isPart = before === '::' || before === '.' || isSyntax(before, word, after)
      if (isPart || after === '(' || after.startsWith("'")) continue
      if (level.call === 'extract' && before === '(') continue
      const called = after === '.' ? `${bare(token)}.${bare(words[index + 2] ?? '')}` : bare(token)
      if (level.clause === 'from' && !['from', 'join', ','].includes(before.toLowerCase()))
        level.aliases.add(bare(token))
      else if (level.clause === 'from') raw.unreadable = `raw SQL reads the table ${called}`
      else if (before.toLowerCase() !== 'as') found.push({ level, name: called })
    }
  }
  const isOwn = ({ name, level: at }: (typeof found)[number]) => isAlias(name.split('.')[0]!, at)
  raw.names = [...new Set(found.filter((name) => !isOwn(name)).map(({ name }) => name))]
  return raw
}

/** The text of raw SQL with that of raw SQL inside it; what is no text becomes a mark. */
function textOf({ sqlFragments, parameters }: RawNode, parts: OperationNode[]): string {
  return sqlFragments
    .map((fragment, index) => {
      const inner = parameters[index]
      if (inner === undefined) return fragment
      if (RawNode.is(inner)) return `${fragment}${textOf(inner, parts)}`
      if (IdentifierNode.is(inner)) return `${fragment}"${inner.name}"`
      parts.push(inner)
      return `${fragment}${part}`
    })
    .join('')
}

function levelIn(outer: Level | null, call: string | null): Level {
  return { outer, call, clause: 'none', aliases: new Set() }
}

function clauseAfter(word: string, { clause }: Level): Level['clause'] {
  if (word === 'select') return 'select'
  if (word === 'from' && clause === 'select') return 'from'
  const goesOn = ['as', 'join', 'lateral', 'left', 'right', 'inner', 'full', 'cross', 'outer']
  return clause === 'from' && !goesOn.includes(word) ? 'rest' : clause
}

function isAlias(name: string, level: Level | null): boolean {
  return level !== null && (level.aliases.has(name) || isAlias(name, level.outer))
}

function isName(token: string): boolean {
  return /^["a-z_]/i.test(token)
}

function bare(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.toLowerCase()
}
