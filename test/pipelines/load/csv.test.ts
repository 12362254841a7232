import fc from 'fast-check'
import { expect, test } from 'vitest'

import { CsvReader, type Damage } from '#kit/load/csv.ts'

interface Seen {
  cells: string[] | null
  raw: string
  line: number
  damage: Damage | null
}

function read(pieces: readonly string[], delimiter = ','): Seen[] {
  const seen: Seen[] = []
  const reader = new CsvReader(delimiter, (cells, raw, line, damage) =>
    seen.push({ cells, raw, line, damage }),
  )
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return seen
}

const cellsOf = (text: string, delimiter = ',') => read([text], delimiter).map(({ cells }) => cells)

function written(rows: readonly string[][], delimiter: string, newline: string): string {
  const cell = (text: string) =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text
  return rows.map((cells) => cells.map(cell).join(delimiter) + newline).join('')
}

/** Cuts a text at some places into pieces. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])]
  return at
    .sort((a, b) => a - b)
    .flatMap((from, i, all) => (i + 1 < all.length ? [text.slice(from, all[i + 1])] : []))
}

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '\t', ' ', 'é', '€', '😀') }),
  fc.string(),
)
/** A row of one empty cell would be a blank line, which is no row. */
const row = fc.array(cell, { minLength: 2, maxLength: 5 })

test('any cells, written as RFC 4180 says, are read back wherever the text is cut', () => {
  const newline = fc.constantFrom('\n', '\r\n')
  const delimiter = fc.constantFrom(',', ';', '\t', '|')
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 6 }),
      delimiter,
      newline,
      fc.array(fc.nat(), { maxLength: 5 }),
      (rows, between, end, places) => {
        const text = written(rows, between, end)
        expect(read(cut(text, places), between).map(({ cells }) => cells)).toEqual(rows)
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever the text, where it is cut does not change what is read', () => {
  const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'b"', '","') })
  fc.assert(
    fc.property(noise, fc.array(fc.nat(), { maxLength: 8 }), (text, places) => {
      expect(read(cut(text, places))).toEqual(read([text]))
    }),
    { numRuns: 2000 },
  )
})

test('the last line needs no newline, and blank lines are no rows', () => {
  expect(cellsOf('a,b\n\n\r\nc,d')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('lines are counted as an editor counts them, newlines inside quotes too', () => {
  expect(read(['a\n"b\n\nb"\nc\n']).map(({ line }) => line)).toEqual([1, 2, 5])
})

test('a quote inside a cell that is not quoted is a character like any other', () => {
  expect(cellsOf('5" pipe,x\n')).toEqual([['5" pipe', 'x']])
})

test('a quote that is never closed costs its own line and not the rest of the file', () => {
  const lines = ['a,"b', 'c,d', 'e,f']
  expect(read([lines.join('\n')])).toMatchObject([
    { cells: null, raw: 'a,"b', line: 1, damage: { found: 'a quote that is never closed' } },
    { cells: ['c', 'd'], line: 2 },
    { cells: ['e', 'f'], line: 3 },
  ])
})

test('an unclosed quote far from the next one is found without holding the file in memory', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `row,${i}`)
  const text = ['a,"b', ...many, 'last,"quoted"'].join('\n')
  const seen = read(cut(text, [70_000, 140_000]))
  expect(seen).toHaveLength(20_002)
  expect(seen[0]).toMatchObject({ cells: null, raw: 'a,"b' })
  expect(seen.at(-1)).toMatchObject({ cells: ['last', 'quoted'], line: 20_002 })
})

test('text after a closing quote costs its own line', () => {
  expect(read(['a,"b"c\nd,e\n'])).toMatchObject([
    { cells: null, raw: 'a,"b"c', damage: { found: 'text after a closing quote' } },
    { cells: ['d', 'e'], line: 2 },
  ])
})
