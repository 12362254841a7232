import * as z from 'zod'
import { describe, expect, test } from 'vitest'

import { source, type Source } from '#kit/asset.ts'
import { code, count, day, decimal, flag, instant, minor, text } from '#kit/columns.ts'
import { csvEncoder } from '#kit/encode/csv.ts'
import { ndjsonEncoder } from '#kit/encode/ndjson.ts'
import { columns } from '#kit/table.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { sources } from '#pipelines/sources.ts'

import { cellFor, seeded } from './cells.ts'
import { collect } from './collect.ts'

/** One column of every kind. */
const rawKinds = source({
  name: 'raw.kinds',
  description: 'One column of every kind.',
  contract: z.object({
    id: text(40),
    kind: code(['bank', 'wallet']),
    at: instant(),
    on: day().nullable(),
    items: count().nullable(),
    amount: minor(),
    rate: decimal(),
    is_open: flag(),
    note: text(60).nullable(),
  }),
  grain: ['id'],
  example: {},
})

const names = ['id', 'kind', 'at', 'on', 'items', 'amount', 'rate', 'is_open', 'note']
const row = {
  id: 'a',
  kind: 'bank',
  at: '2026-10-14T09:30:00.5Z',
  on: '2026-10-14',
  items: '3',
  amount: '-1999',
  rate: '12.50',
  is_open: 'true',
  note: 'x',
}

/** What NDJSON of these lines becomes, its keys being those of `keys`. */
function encode(lines: string[], keys = names, of: Source = rawKinds) {
  const sink = collect()
  const encoder = ndjsonEncoder(of, { format: 'ndjson', names: keys }, sink, {
    file: 'file',
    loadId: 7,
  })
  encoder.push(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  encoder.end()
  return { ...sink, encoder }
}

/** The tuple that CSV of a row becomes; undefined when it is refused. */
function asCsv(values: Record<string, string>): string | undefined {
  return tuplesOfCsv([values], rawKinds)[0]
}

function tuplesOfCsv(rows: Record<string, string>[], of: Source): (string | undefined)[] {
  const sink = collect()
  const layout = { format: 'csv' as const, delimiter: ',', names: Object.keys(rows[0]!) }
  const encoder = csvEncoder(of, layout, sink, {
    file: 'file',
    loadId: 7,
    from: { offset: 0, line: 0 },
  })
  let line = 1
  const lines = rows.map((values) => {
    const cells = Object.values(values).map((value) =>
      value === '' ? '' : `"${value.replaceAll('"', '""')}"`,
    )
    const record = `${cells.join(',')}\n`
    encoder.push(Buffer.from(record))
    const begin = line
    line += record.split('\n').length - 1
    return begin
  })
  encoder.end()
  return lines.map((begin) => sink.tuples.get(begin))
}

const object = (changes: Record<string, unknown> = {}) => JSON.stringify({ ...row, ...changes })

describe('an object is the row that the same cells of a CSV file are', () => {
  const asWritten = asCsv(row)
  const same: [string, string][] = [
    ['with everything as text', object()],
    ['with numbers and flags as such', object({ items: 3, amount: -1999, is_open: true })],
    ['with a decimal as a number, to its last zero', object().replace('"12.50"', '12.50')],
    ['with blanks', object().replaceAll(',', ' ,\t').replaceAll(':"', ' : "').replace('{', '{ ')],
    ['with a carriage return', `${object()} \r`],
    [
      'with keys in another order',
      JSON.stringify(Object.fromEntries(Object.entries(row).toReversed())),
    ],
    ['with an unknown key', object({ colour: { red: [1, 2] } })],
    ['with a key twice: the last counts', object().replace('{', '{"id":"b",')],
    ['with a key written in another way', object().replace('"id"', '"\\u0069d"')],
    ['with a whole number that has a fraction of zero', object({ items: 3 }).replace('3,', '3.0,')],
  ]
  test.for(same)('%s', ([, line]) => {
    const { tuples, rejected } = encode([line])
    expect(rejected).toEqual([])
    expect(tuples.get(1)).toBe(asWritten)
  })

  test.for([
    ['a', 'plain'],
    ['Ünïcode €😀', 'beyond ASCII'],
    ['"quoted"\\ \n\t\r\b\f/', 'with escapes of one letter'],
    ['\u2028\u007f', 'with line separators'],
  ])('%s: text %s', ([note]) => {
    const expected = asCsv({ ...row, note: note! })
    const escaped = JSON.stringify(note).replaceAll('/', '\\/')
    const ascii = escaped.replaceAll(
      /[\u007f-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    for (const written of [escaped, ascii]) {
      const lines = [`"note":"x"`, `"id":"a"`].map((key) =>
        object().replace(key, key.replace(/:.*/, `:${written}`)),
      )
      expect(encode([lines[0]!]).tuples.get(1)).toBe(expected)
      expect(encode([lines[1]!]).tuples.get(1)).toBe(asCsv({ ...row, id: note! }))
    }
  })

  test('a value that is missing, null or an empty text is null', () => {
    const expected = asCsv({ ...row, on: '', items: '', note: '' })
    const { on: _on, items: _items, note: _note, ...rest } = row
    const lines = [
      object({ on: null, items: null, note: null }),
      object({ on: '', items: '', note: '' }),
      JSON.stringify(rest),
    ]
    for (const line of lines) expect(encode([line]).tuples.get(1)).toBe(expected)
    // What no object has is null in each.
    const short = encode([JSON.stringify(rest)], Object.keys(rest))
    expect(short.encoder.columns).toEqual([
      ...Object.keys(rest),
      'on',
      'items',
      'note',
      'load_id',
      'line',
    ])
    expect(short.tuples.size).toBe(1)
  })
})

describe('a line that is no row is set aside with its text and the reason', () => {
  const lines: [string, string][] = [
    ['{"id":"a"', 'found a line that is not JSON, expected one JSON object a line.'],
    ['[1]', 'found a line that is not JSON, expected one JSON object a line.'],
    ['7', 'found a line that is not JSON, expected one JSON object a line.'],
    [`${object()} x`, 'found a line that is not JSON'],
    [`${object()}}`, 'found a line that is not JSON'],
    [object({ amount: 5 }).replace(':5,', ':05,'), 'found a line that is not JSON'],
    [object({ amount: 5 }).replace(':5,', ':+5,'), 'found a line that is not JSON'],
    [object().replace('"x"', '"tab\there"'), 'found a line that is not JSON'],
    [object().replace('"x"', '"\\x"'), 'found a line that is not JSON'],
    [object().replace('"x"', 'nul'), 'found a line that is not JSON'],
    [object().replace('"x"', 'NaN'), 'found a line that is not JSON'],
    [object({ id: 5 }), 'id: found 5, expected UTF-8 text'],
    [object({ id: true }), 'id: found true, expected UTF-8 text'],
    [object({ id: { a: 1 } }), 'id: found {"a":1}, expected UTF-8 text'],
    [object({ at: 1_760_000_000 }), 'at: found 1760000000, expected an instant'],
    [object({ amount: 5.5 }), 'amount: found 5.5, expected a whole number'],
    [object({ amount: true }), 'amount: found true, expected a whole number'],
    [object({ amount: 5 }).replace(':5,', ':1e5,'), 'amount: found "1e5", expected a whole number'],
    [
      object({ amount: 5 }).replace(':5,', ':9007199254740993,'),
      'amount: found "9007199254740993", expected a whole number',
    ],
    [
      object({ amount: 5 }).replace(':5,', ':9007199254740990.6,'),
      'amount: found "9007199254740990.6", expected a whole number',
    ],
    [object({ items: 2_147_483_648 }), 'items: found 2147483648, expected a whole number'],
    [object().replace('"12.50"', '1e5'), 'rate: found "1e5", expected a decimal number'],
    [object({ rate: false }), 'rate: found false, expected a decimal number'],
    [object({ is_open: 1 }), 'is_open: found 1, expected true or false'],
    [object({ note: 'a\0b' }), 'note: found "a\\u0000b", expected UTF-8 text'],
    [object().replace('"x"', '"\\ud800"'), 'note: found "\\ud800", expected UTF-8 text'],
  ]
  test.for(lines)('%s', ([line, reason]) => {
    const { tuples, rejected } = encode([line, object({ id: 'b' })])
    expect(rejected).toEqual([{ line: 1, raw: line, reason: expect.stringContaining(reason) }])
    expect([...tuples.keys()]).toEqual([2])
  })

  test('one that is not UTF-8', () => {
    const sink = collect()
    const layout = { format: 'ndjson' as const, names }
    const encoder = ndjsonEncoder(rawKinds, layout, sink, { file: 'f', loadId: 7 })
    encoder.push(Buffer.from(`${object({ note: 'café' })}\n${object()}\n`, 'latin1'))
    encoder.end()
    expect(sink.rejected).toMatchObject([
      { line: 1, reason: expect.stringContaining('note: found "caf\uFFFD", expected UTF-8 text') },
    ])
    expect(sink.tuples.size).toBe(1)
  })

  test('one of ten megabytes, of which a beginning is kept', () => {
    const sink = collect()
    const layout = { format: 'ndjson' as const, names }
    const encoder = ndjsonEncoder(rawKinds, layout, sink, { file: 'f', loadId: 7 })
    const bytes = Buffer.from(
      `${object()}\n${object({ note: 'x'.repeat(10_000_000) })}\r\n${object()}\n${object({ note: 'y'.repeat(2_000_000) })}`,
    )
    for (let at = 0; at < bytes.length; at += 262_144)
      encoder.push(bytes.subarray(at, at + 262_144))
    encoder.end()
    expect(sink.rejected).toMatchObject([
      { line: 2, reason: expect.stringMatching(/^found a line of 10,000,1\d\d bytes/) },
      { line: 4, reason: expect.stringMatching(/^found a line of 2,000,1\d\d bytes/) },
    ])
    expect(sink.rejected[0]?.raw).toHaveLength(1000)
    expect([...sink.tuples.keys()]).toEqual([1, 3])
    expect(encoder.position).toEqual({ offset: bytes.length, line: 4 })
  })
})

test('an object of a wide feed becomes several rows, its numbers as they are written', () => {
  const line = '{"Date":"2026-10-14","USD":1.10,"JPY":"160.5","GBP":null}'
  const { tuples, rejected } = encode([line], ['Date', 'USD', 'JPY', 'GBP'], rawFxRate)
  expect(rejected).toEqual([])
  const cells = { Date: '2026-10-14', USD: '1.10', JPY: '160.5', GBP: '' }
  expect(tuples.get(1)).toBe(tuplesOfCsv([cells], rawFxRate)[0])
})

test('where the pieces are cut changes nothing, and a load goes on from any position', () => {
  const lines = [
    object(),
    '',
    object({ id: 'b"\\', note: 'Ünï\n😀' }),
    `${object({ id: 'c' })}\r`,
    ' \t',
    '{"cut',
    object({ id: 'd', rate: 'NaN' }),
    JSON.stringify({ kind: 'bank', id: 'e' }),
    object({ id: 'f' }),
  ]
  const bytes = Buffer.from(`\n${lines.join('\n')}`)
  const run = (cuts: number[], from = { offset: 0, line: 0 }) => {
    const sink = collect()
    const layout = { format: 'ndjson' as const, names }
    const encoder = ndjsonEncoder(rawKinds, layout, sink, { file: 'f', loadId: 7, from })
    const positions = []
    for (let i = 0; i <= cuts.length; i++) {
      // A buffer that is written over after the push, as the reader's is.
      const piece = Buffer.from(bytes.subarray(cuts[i - 1] ?? from.offset, cuts[i]))
      encoder.push(piece)
      piece.fill(0x7b)
      positions.push(encoder.position)
    }
    encoder.end()
    const { tuples, rejected, keys } = sink
    return { result: { tuples, rejected, keys, position: encoder.position }, positions }
  }
  const { result: whole } = run([])
  expect(whole.tuples.size).toBe(4)
  expect(whole.rejected).toHaveLength(3)
  expect(whole.position).toEqual({ offset: bytes.length, line: 10 })
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { result, positions } = run([cut])
    expect(result).toEqual(whole)
    const [from] = positions
    const { result: rest } = run([], from)
    for (const [line, tuple] of rest.tuples) expect(tuple).toBe(whole.tuples.get(line))
    const before = [...whole.tuples.keys()].filter((line) => line <= from!.line)
    expect(before.length + rest.tuples.size).toBe(whole.tuples.size)
  }
  const everywhere = Array.from({ length: bytes.length }, (_, i) => i + 1)
  expect(run(everywhere).result).toEqual(whole)
})

test.for(sources.filter(({ reshape }) => !reshape).map((of) => [of.name, of] as const))(
  'made-up rows of %s: NDJSON is accepted where CSV is, and is the same tuple',
  ([, of]) => {
    const random = seeded(20_261_122)
    const keys = columns(of).map(({ name }) => name)
    const rows = Array.from({ length: 500 }, () => {
      const isGood = random() < 0.4
      const cell = (name: string) => cellFor(of.contract.shape[name] as z.ZodType, random, isGood)
      return Object.fromEntries(keys.map((name) => [name, cell(name).toString()]))
    })
    const expected = tuplesOfCsv(rows, of)
    // Numbers and flags as such where JSON writes them so.
    const lines = rows.map((values) => {
      const members = columns(of).map(({ name, type }) => {
        const value = values[name] ?? ''
        const isWord = type === 'bool' && /^(true|false)$/.test(value)
        const isNumber = ['int4', 'int8', 'numeric'].includes(type) && isJsonNumber(value)
        // To JSON 1.0 is a whole number, and so is 1e5; to CSV they are none.
        const isSame = type === 'numeric' || !/[.eE]/.test(value)
        const isBare = (isWord || (isNumber && isSame)) && random() < 0.7
        return `${JSON.stringify(name)}:${isBare ? value : JSON.stringify(value)}`
      })
      return `{${members.join(random() < 0.5 ? ', ' : ',')}}`
    })
    const { tuples } = encode(lines, keys, of)
    for (const [i, tuple] of expected.entries()) expect(tuples.get(i + 1), lines[i]).toBe(tuple)
    expect(tuples.size).toBeGreaterThan(100)
  },
)

function isJsonNumber(value: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
}
