/** The contract as the only judge of a row. */
import * as z from 'zod'
import type { Source } from '../asset.ts'
import { columns, type Column } from '../table.ts'
import { reasonsOf, type Reason } from './reasons.ts'

type Cell = string | number | boolean | null
type Row = Readonly<Record<string, Cell>>

/** A row as COPY text with the hash of its key, or the reasons why not. */
export interface Judge {
  (record: Row): Reason[] | null
  /** Of the row accepted last. */
  cells: string
  key: number
}

/** Compiles a contract to a function that judges one record and writes it as COPY text. */
export function judgeFor(source: Source): Judge {
  const contract = z.compile(source.contract)
  const known = columns(source)
  const write = writerFor(known)
  const { grain } = source

  const judge: Judge = (record) => {
    const { success, data, error } = contract.safeParse(record)
    if (!success) return reasonsOf(error.issues, record, known)
    const row = data as Row
    judge.cells = write(row)
    let key = 0x811c9dc5
    for (const column of grain) key = hash(key, `${row[column]}`)
    judge.key = key
    return null
  }
  judge.cells = ''
  judge.key = 0
  return judge
}

/**
 * One expression over all columns: a loop over their names costs half as much again. An empty field
 * stands for null, for no column kind accepts an empty text.
 */
function writerFor(known: readonly Column[]): (row: Row) => string {
  const cells = known.map(({ name, type, nullable, codes }) => {
    const cell = `row[${JSON.stringify(name)}]`
    const isFree = type === 'text' && !codes
    if (!isFree) return nullable ? `(${cell} ?? '')` : cell
    return nullable ? `(${cell} === null ? '' : escape(${cell}))` : `escape(${cell})`
  })
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('escape', `return (row) => '' + ${cells.join(` + '\\t' + `)}`)
  return (make as (with_: typeof escape) => (row: Row) => string)(escape)
}

const special = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escape(text: string): string {
  return special.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (char) => escapes[char] ?? char) : text
}

/** FNV-1a, 32 bits, with an end mark so that ('a', 'bc') and ('ab', 'c') differ. */
function hash(seed: number, text: string): number {
  let value = seed
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return Math.imul(value ^ 0x1f, 0x01000193)
}
