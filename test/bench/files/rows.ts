/** The rows of one made-up file: some broken, some corrections of rows loaded before. */
import { columns } from '#kit/table.ts'
import { stream } from '#pipelines/demo/random.ts'

import type { MadeUp } from '../feeds/made-up.ts'

/** Which rows a file holds. The same words always make the same file. */
export interface Rows {
  /** Number of the first new row. */
  first: number
  rows: number
  /** Of a thousand rows, so many break the contract. */
  brokenPerMille: number
  /** Of a hundred rows, so many correct one of the rows 1 .. first - 1. */
  correctedPercent: number
}

/** What a load of the file must find. */
export interface Expected {
  rows: number
  broken: number
  corrections: number
}

type Cells = (string | null)[]

/** Calls `take` for each row, in order. `take` gets the same array again and again. */
export function makeRows(feed: MadeUp, wanted: Rows, take: (cells: Cells) => void): Expected {
  const { first, rows, brokenPerMille, correctedPercent } = wanted
  const random = stream(20_250_101, feed.source.name, ...Object.values(wanted))
  const damage = damages(feed)
  const expected: Expected = { rows, broken: 0, corrections: 0 }
  const earlier = first - 1
  for (let at = 0; at < rows; at++) {
    // Spread over all earlier rows, and no row twice.
    const isCorrection = random.chance(correctedPercent / 100) && expected.corrections < earlier
    const n = isCorrection ? 1 + ((expected.corrections * scatter) % earlier) : first + at
    const cells = feed.cells(n, random, isCorrection)
    if (isCorrection) expected.corrections++
    else if (random.chance(brokenPerMille / 1000)) {
      const [place, text] = damage[expected.broken++ % damage.length]!
      cells[place] = text
    }
    take(cells)
  }
  return expected
}

/** A prime beyond any number of rows, so that steps of it meet each row once. */
const scatter = 1_000_000_007

/** What a row can be broken by: a cell, and what stands in it instead. */
function damages({ source, breaks }: MadeUp): [place: number, text: string][] {
  const seen = new Set<string>()
  const all = columns(source)
  const rules = breaks.map(([column, text]): [number, string] => [
    all.findIndex(({ name }) => name === column),
    text,
  ])
  const single = all.flatMap(({ name, type, codes, nullable }, place) => {
    const kind = codes ? 'code' : source.grain.includes(name) ? 'key' : type
    // Columnar files hold null where a column cannot hold the text.
    if (nullable || seen.has(kind)) return []
    seen.add(kind)
    return (broken[kind] ?? []).map((text): [number, string] => [place, text])
  })
  return [...single, ...rules]
}

/** By Postgres type. All of them are refused, though Postgres itself would take some. */
const broken: Record<string, string[]> = {
  key: [''],
  code: ['chargd'],
  numeric: ['12,34', '1e5'],
  int4: ['1.5'],
  int8: ['1.5'],
  timestamptz: ['2025-02-30T00:00:00.000Z'],
}
