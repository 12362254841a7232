import type { Cell } from './endpoint.ts'

/** Where two answers differ, in a sentence; nothing where they are the same. */
export function difference(asked: Cell[][], byHand: Cell[][], isOrdered: boolean) {
  if (asked.length !== byHand.length) return `${asked.length} rows, by hand ${byHand.length}`
  const [ours, theirs] = isOrdered ? [asked, byHand] : [sorted(asked), sorted(byHand)]
  const at = ours.findIndex((row, index) => !isSameRow(row, theirs[index]!))
  if (at < 0) return undefined
  return `row ${at + 1} is ${JSON.stringify(ours[at])}, by hand ${JSON.stringify(theirs[at])}`
}

function isSameRow(one: Cell[], other: Cell[]) {
  return one.length === other.length && one.every((cell, index) => isSame(cell, other[index]!))
}

/** Equal text, or equal numbers: quotients of equal numbers may be cut at another digit. */
function isSame(one: Cell, other: Cell) {
  if (one === other) return true
  const [left, right] = [decimal(one), decimal(other)]
  if (!left || !right) return false
  const scale = Math.max(left.scale, right.scale)
  const [a, b] = [scaled(left, scale), scaled(right, scale)]
  if (a === b) return true
  const isCut = Math.min(left.scale, right.scale) >= 15 || left.scale !== right.scale
  const [distance, size] = [absolute(a - b), absolute(a)]
  return (
    isCut && distance * 10n ** 15n <= (size > 10n ** BigInt(scale) ? size : 10n ** BigInt(scale))
  )
}

interface Decimal {
  digits: bigint
  scale: number
}

function decimal(cell: Cell): Decimal | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(cell ?? '')
  if (!parts) return undefined
  const [, sign, whole = '', part = ''] = parts
  return { digits: BigInt(`${sign}${whole}${part}`), scale: part.length }
}

function scaled({ digits, scale }: Decimal, to: number) {
  return digits * 10n ** BigInt(to - scale)
}

function absolute(value: bigint) {
  return value < 0n ? -value : value
}

function sorted(rows: Cell[][]) {
  return rows
    .map((row) => ({ row, key: row.map(sortKey).join('\u0000') }))
    .toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ row }) => row)
}

/** Numbers that differ in their last digits only sort alike. */
function sortKey(cell: Cell) {
  if (cell === null) return '\u0001'
  return decimal(cell) ? Number(cell).toPrecision(11) : cell
}
