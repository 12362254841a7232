import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

import { source } from '#kit/asset.ts'
import { count, instant, text } from '#kit/columns.ts'
import { csvEncoder } from '#kit/encode/csv.ts'
import type { Position } from '#kit/encode/encoder.ts'

import { pushed, sunk } from './sink.ts'

const note = source({
  name: 'raw.note',
  description: 'Notes',
  contract: z.object({
    id: text(40),
    said: text(200_000).nullable(),
    times: count().nullable(),
  }),
  grain: ['id'],
  example: {},
})
const layout = { format: 'csv', delimiter: ',', names: ['id', 'said', 'times'] } as const

interface Options {
  size?: number
  room?: number
  delimiter?: string
  names?: string[]
  from?: Position
}

/** Encodes the lines below a header. */
function encoded(csv: string | Buffer, { size, room, from, ...own }: Options = {}) {
  const sink = sunk(room === undefined ? {} : { room })
  const options = { file: 'notes.csv', loadId: 5, ...(from && { from }) }
  const encoder = csvEncoder(note, { ...layout, names: [...layout.names], ...own }, sink, options)
  pushed(encoder, Buffer.from(csv), size)
  return { sink, position: encoder.position, columns: encoder.columns }
}

/** The rows that came out: the cells as text, and the line. */
function rowsOf(tuples: readonly string[]) {
  return tuples.map((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const fields: Buffer[] = []
    const nulls: boolean[] = []
    for (let at = 2; at < bytes.length;) {
      const length = bytes.readInt32BE(at)
      nulls.push(length < 0)
      fields.push(bytes.subarray(at + 4, at + 4 + Math.max(0, length)))
      at += 4 + Math.max(0, length)
    }
    const cells = fields
      .slice(0, -2)
      .map((field, i) => (nulls[i] ? null : i === 2 ? field.readInt32BE() : field.toString()))
    return [...cells, fields.at(-1)?.readInt32BE()]
  })
}
const rows = (csv: string | Buffer, options?: Options) => rowsOf(encoded(csv, options).sink.tuples)

const damaged = [
  'a,one,1',
  'b,"two, ""quoted""\r\nand on a second line",2\r',
  '',
  'c,"never closed,3',
  'd,"closed"too soon,4',
  'e,"é語😀",5\r',
  'f,ragged',
  '\r',
  'g,in "the" middle,6',
  'h,7,x',
  'i,,',
  '"j","",""',
  'k,last,8',
].join('\n')

test('where a file is cut into pieces does not change what comes out, whatever the bytes', () => {
  const bytes = Buffer.concat([Buffer.from(damaged), Buffer.from('\nl,caf\xe9,9', 'latin1')])
  const whole = encoded(bytes)
  expect(whole.sink.tuples).toHaveLength(7)
  expect(whole.sink.rejected).toHaveLength(5)
  for (let size = 1; size <= bytes.length; size++) {
    const cut = encoded(bytes, { size })
    expect({ size, tuples: cut.sink.tuples, rejected: cut.sink.rejected }).toEqual({
      size,
      tuples: whole.sink.tuples,
      rejected: whole.sink.rejected,
    })
    expect(cut.position).toEqual(whole.position)
  }
  expect(whole.position).toEqual({ offset: bytes.length, line: 16 })
})

test('a load that goes on from a position brings what is left', () => {
  const whole = encoded(damaged)
  const bytes = Buffer.from(damaged)
  for (let cut = 0; cut < bytes.length; cut++) {
    const sink = sunk()
    const options = { file: 'notes.csv', loadId: 5 }
    const first = csvEncoder(note, { ...layout, names: [...layout.names] }, sink, options)
    first.push(bytes.subarray(0, cut))
    const from = first.position
    const second = csvEncoder(note, { ...layout, names: [...layout.names] }, sink, {
      ...options,
      from,
    })
    pushed(second, bytes.subarray(from.offset))
    expect(sink.tuples).toEqual(whole.sink.tuples)
    expect(sink.rejected).toEqual(whole.sink.rejected)
  }
})

test('each row knows the line it begins on; blank lines count and are no rows', () => {
  expect(rows(damaged)).toEqual([
    ['a', 'one', 1, 2],
    ['b', 'two, "quoted"\r\nand on a second line', 2, 3],
    ['e', 'é語😀', 5, 8],
    ['g', 'in "the" middle', 6, 11],
    ['i', null, null, 13],
    ['j', null, null, 14],
    ['k', 'last', 8, 15],
  ])
})

test('what is wrong with a line costs that line, and is told', () => {
  const told = encoded(damaged).sink.rejected.map(({ line, raw, reasons: [reason] }) => [
    line,
    raw,
    reason?.column,
    reason?.found,
  ])
  expect(told).toEqual([
    [6, 'c,"never closed,3', null, 'text after a closing quote'],
    [7, 'd,"closed"too soon,4', null, 'text after a closing quote'],
    [9, 'f,ragged', null, '2 cells, the last being "ragged"'],
    [12, 'h,7,x', 'times', '"x"'],
  ])
})

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '\t', ' ', 'é', '€', '😀') }),
  fc.string({ unit: 'grapheme' }),
)

test('any text, written as RFC 4180 says, is stored as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        cell.filter((said) => !/[\0\uFFFD]/.test(said)),
        { maxLength: 6 },
      ),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 40 }),
      (said, delimiter, end, size) => {
        const line = (text: string) =>
          `x${delimiter}"${text.replaceAll('"', '""')}"${delimiter}1${end}`
        const stored = rows(said.map(line).join(''), { delimiter, size }).map(([, text]) => text)
        expect(stored).toEqual(said.map((text) => text || null))
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever the text, where it is cut does not change what is read', () => {
  const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'b"', '","', 'é') })
  fc.assert(
    fc.property(noise, fc.integer({ min: 1, max: 9 }), (csv, size) => {
      const [cut, whole] = [encoded(csv, { size }), encoded(csv)]
      expect([cut.sink.tuples, cut.sink.rejected, cut.position]).toEqual([
        whole.sink.tuples,
        whole.sink.rejected,
        whole.position,
      ])
      expect(whole.position.offset).toBe(Buffer.byteLength(csv))
    }),
    { numRuns: 2000 },
  )
})

test('columns may come in any order, with others that nobody knows between them', () => {
  const { sink, columns } = encoded('1,?,a,A\n"x, ""y",,b,B\n', {
    names: ['times', 'unknown', 'id', 'said'],
  })
  expect(columns).toEqual(['times', 'id', 'said', 'load_id', 'line'])
  expect(sink.tuples).toHaveLength(1)
  expect(sink.rejected).toMatchObject([{ line: 3, reasons: [{ column: 'times' }] }])
})

describe('a quote that is never closed', () => {
  const long = 'x'.repeat(70_000)

  test('costs its line, not the file', () => {
    const csv = `a,"${long}\nb,2,2\n`
    expect(rows(csv)).toEqual([['b', '2', 2, 3]])
    expect(rows(csv, { size: 1000 })).toEqual([['b', '2', 2, 3]])
    expect(encoded(csv).sink.rejected).toMatchObject([
      { line: 2, reasons: [{ found: 'a quote that is never closed' }] },
    ])
  })

  test('is told too when it stands at the end of the file', () => {
    expect(encoded('a,"b\nc,d,1').sink).toMatchObject({
      rejected: [{ line: 2, raw: 'a,"b' }],
      tuples: [expect.any(String)],
    })
  })
})

describe('a line of more than a megabyte', () => {
  const long = 'x'.repeat(3_000_000)
  const csv = `a,1,1\nb,${long},2\r\nc,3,3\nd,"q\nr",${long}`

  test.for([100_000, 999_999, 1 << 18, 10_000_000])('is set aside, in pieces of %i', (size) => {
    const { sink, position } = encoded(csv, { size })
    expect(rowsOf(sink.tuples)).toEqual([
      ['a', '1', 1, 2],
      ['c', '3', 3, 4],
    ])
    expect(sink.rejected.map(({ line, raw, reasons }) => [line, raw, reasons[0]?.found])).toEqual([
      [3, `b,${long}`.slice(0, 1000), 'a line of 3,000,004 bytes'],
      [5, `d,"q\nr",${long}`.slice(0, 1000), 'a line of 3,000,008 bytes'],
    ])
    expect(position).toEqual({ offset: csv.length, line: 6 })
  })
})

test('bytes that are not UTF-8 cost their row, and are named', () => {
  const csv = Buffer.from('a,1,1\nb,caf\xe9 cr\xe8me,2\nc,3,3\n', 'latin1')
  const { sink } = encoded(csv)
  expect(rowsOf(sink.tuples).map(([id]) => id)).toEqual(['a', 'c'])
  expect(sink.rejected).toMatchObject([
    { line: 3, reasons: [{ column: 'said', found: 'the byte 0xE9 after "caf"' }] },
  ])
})

test('a tuple larger than a buffer of the sink is loaded all the same', () => {
  const long = 'é'.repeat(50_000)
  const found = rows(`a,1,1\nb,${long},2\nc,3,3\n`, { room: 8192 })
  expect(found.map(([id]) => id).sort()).toEqual(['a', 'b', 'c'])
  expect(found.find(([id]) => id === 'b')).toEqual(['b', long, 2, 3])
})

test('a column with a check of its own is judged by it, though its kind is known', () => {
  const strict = {
    ...note,
    contract: note.contract.extend({ id: text(40).regex(/^N\d+$/), at: instant().nullable() }),
  }
  const sink = sunk()
  const names = ['id', 'said', 'times', 'at']
  pushed(
    csvEncoder(strict, { format: 'csv', delimiter: ',', names }, sink, { file: 'x', loadId: 1 }),
    Buffer.from('N1,a,1,\nM1,b,2,\n'),
  )
  expect(sink.tuples).toHaveLength(1)
  expect(sink.rejected).toMatchObject([{ line: 3, reasons: [{ column: 'id', found: '"M1"' }] }])
})

test('a check of the whole row is asked', () => {
  const paired = {
    ...note,
    contract: note.contract.refine(({ id, said }) => id !== said, 'must not repeat its id'),
  }
  const sink = sunk()
  pushed(
    csvEncoder(paired, { ...layout, names: [...layout.names] }, sink, { file: 'x', loadId: 1 }),
    Buffer.from('a,a,1\na,b,2\n'),
  )
  expect(sink.tuples).toHaveLength(1)
  expect(sink.rejected).toMatchObject([
    { line: 2, reasons: [{ expected: 'must not repeat its id' }] },
  ])
})
