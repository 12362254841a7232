import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CompressionType, RecordBatch } from 'apache-arrow'
import { test as base, describe, expect } from 'vitest'

import type { Source } from '#kit/asset.ts'
import type { Position } from '#kit/encode/encoder.ts'
import { identify } from '#kit/read/feed-file.ts'
import { openFeed, type OpenOptions } from '#kit/read/open-feed.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import {
  arrowFile,
  arrowStream,
  arrowTable,
  csvOf,
  gzipped,
  gzippedInTwo,
  ndjsonOf,
  packedArrowStream,
  parquetOf,
  zstd,
  zstdInFrames,
} from './formats.ts'

const test = base.extend('open', async ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-read-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  return async (content: string | Buffer, options?: OpenOptions, source: Source = rawPartner) => {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    return await openFeed(source, await identify('partner', path), options)
  }
})

type Opened = Awaited<ReturnType<typeof openFeed>>

/** What the pieces hold: the text, or the rows. */
async function contentOf({ pieces }: Opened): Promise<string | object[]> {
  let text = ''
  const rows: object[] = []
  for await (const piece of pieces as AsyncIterable<Buffer | RecordBatch>)
    if (piece instanceof RecordBatch) rows.push(...piece.toArray().map((row) => row.toJSON()))
    else text += piece.toString('latin1')
  return rows.length > 0 ? rows : text
}

const partners = Array.from({ length: 40_000 }, (_, i) => ({
  partner: `partner ${i}`,
  partner_kind: ['bank', 'wallet'][i % 2] ?? '',
  contracted_on: '2024-01-01',
}))
const header = 'partner,partner_kind,contracted_on\n'
const names = ['partner', 'partner_kind', 'contracted_on']
const csv = csvOf(partners)
/** Cannot be packed into one piece. */
const noisy = csvOf(partners.map((row) => ({ ...row, partner: randomBytes(12).toString('hex') })))
const ndjson = ndjsonOf(partners)
const stream = arrowStream(arrowTable(partners, 7000))
const inZstd = packedArrowStream(arrowTable(partners, 7000), CompressionType.ZSTD)
const inLz4 = packedArrowStream(arrowTable(partners, 7000), CompressionType.LZ4_FRAME)
const parquet = parquetOf(arrowTable(partners), 15_000)

describe('a file is known by its bytes', () => {
  const text = csv.toString('latin1', header.length)
  const files: [string, Buffer, string, string | object[]][] = [
    ['CSV', csv, 'csv', text],
    ['CSV in gzip', gzipped(csv), 'csv', text],
    ['CSV in a gzip of two members', gzippedInTwo(csv), 'csv', text],
    ['CSV in zstd', zstd(csv), 'csv', text],
    ['CSV in a zstd of many frames', zstdInFrames(csv), 'csv', text],
    ['NDJSON', ndjson, 'ndjson', ndjson.toString()],
    ['NDJSON in gzip', gzipped(ndjson), 'ndjson', ndjson.toString()],
    ['NDJSON in zstd', zstd(ndjson), 'ndjson', ndjson.toString()],
    ['an Arrow stream', stream, 'arrow', partners],
    ['an Arrow stream in gzip', gzipped(stream), 'arrow', partners],
    ['an Arrow stream in zstd', zstdInFrames(stream), 'arrow', partners],
    ['an Arrow file', arrowFile(arrowTable(partners, 7000)), 'arrow', partners],
    ['an Arrow file of one large batch', arrowFile(arrowTable(partners)), 'arrow', partners],
    ['an Arrow stream with columns in zstd', inZstd, 'arrow', partners],
    ['an Arrow stream with columns in LZ4', inLz4, 'arrow', partners],
    ['Parquet of three row groups', parquet, 'parquet', partners],
  ]
  test.for(files)('%s', async ([, content, format, expected], { open }) => {
    let read = 0
    const opened = await open(content, { onRead: (bytes) => (read += bytes) })
    expect(opened.layout).toMatchObject({ format, names })
    expect(await contentOf(opened)).toEqual(expected)
    expect(Math.abs(read - content.length)).toBeLessThan(50)
  })

  test.for(files)(
    '%s is read on from where a load was stopped',
    async ([, content, , expected], { open }) => {
      const { layout, start } = await open(content)
      for (const passed of [1, 6999, 7000, 15_000, 39_999]) {
        const from: Position = { offset: start.offset + passed, line: 5 }
        const resumed = await open(content, { resume: { from, layout } })
        expect(resumed).toMatchObject({ start: from, layout })
        expect(await contentOf(resumed)).toEqual(expected.slice(passed))
      }
    },
  )
})

describe('the header of a CSV file says where its rows begin', () => {
  const files: [string, string, { delimiter: string; start: Position }][] = [
    ['plain', header, { delimiter: ',', start: { offset: 35, line: 1 } }],
    [
      'after a byte order mark and blank lines',
      `\uFEFF\r\n \n${header}`,
      { delimiter: ',', start: { offset: 42, line: 3 } },
    ],
    [
      'with semicolons and the line ends of Windows',
      'partner;partner_kind;contracted_on\r\n',
      { delimiter: ';', start: { offset: 36, line: 1 } },
    ],
    [
      'in quotes, padded, one more column with a newline in its name',
      '"partner" ,"partner_kind", contracted_on,"remarks ""of\nsales"""\n',
      { delimiter: ',', start: { offset: 64, line: 2 } },
    ],
    [
      'its first column without a name',
      '\tpartner\tpartner_kind\tcontracted_on\n',
      { delimiter: '\t', start: { offset: 36, line: 1 } },
    ],
    [
      'without a line below',
      'partner|partner_kind|contracted_on',
      { delimiter: '|', start: { offset: 34, line: 1 } },
    ],
  ]
  test.for(files)('%s', async ([, content, { delimiter, start }], { open }) => {
    const opened = await open(content)
    expect(opened).toMatchObject({ layout: { format: 'csv', delimiter }, start })
    expect(opened.layout.names.filter((name) => names.includes(name))).toEqual(names)
  })

  test('columns that the contract does not know are named', async ({ open }) => {
    const opened = await open('partner,colour,partner_kind,contracted_on,"the ""size"""\n')
    expect(opened.ignored).toEqual(['colour', 'the "size"'])
  })

  test('the format and the delimiter can be said instead', async ({ open }) => {
    const json = `{"x",${header}{"a"},b,c,d\n`
    await expect(open(json)).rejects.toThrow('its first line is not JSON')
    expect(await open(json, { format: 'csv' })).toMatchObject({ ignored: ['{"x"'] })
    await expect(open(header, { delimiter: ';' })).rejects.toThrow('has no column partner,')
    await expect(open(csv, { format: 'parquet' })).rejects.toThrow('does not begin with PAR1')
  })
})

test('the first object of an NDJSON file says its columns; what may be null may be missing', async ({
  open,
}) => {
  const text = '\n {"partner":"a","partner_kind":"bank","contracted_on":"2024-01-01","n":1}\n{}'
  const opened = await open(text)
  expect(opened).toMatchObject({
    layout: { format: 'ndjson', names: [...names, 'n'] },
    start: { offset: 1, line: 1 },
    ignored: ['n'],
  })
  expect(await contentOf(opened)).toBe(text.slice(1))
})

describe('a file that cannot be this feed is refused with a sentence', () => {
  const utf16 = Buffer.from('partner,partner_kind', 'utf16le')
  const refusals: [string, string | Buffer, string][] = [
    ['an empty file', '', 'the file is empty (0 bytes)'],
    ['an empty file in gzip', gzipped(Buffer.alloc(0)), 'the file is empty (0 bytes)'],
    ['an empty file in zstd', zstd(Buffer.alloc(0)), 'the file is empty (0 bytes)'],
    ['blank lines', '\n \r\n', 'the file holds only blank lines'],
    ['a zip archive', 'PK\x03\x04rest', 'a zip archive or an Excel workbook'],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'UTF-16 text, expected UTF-8'],
    ['UTF-16 without a mark', utf16, 'UTF-16 text, expected UTF-8'],
    ['UTF-16 in gzip', gzipped(utf16), 'UTF-16 text, expected UTF-8'],
    ['a PDF', '%PDF-1.7', 'this is a PDF'],
    ['a web page', '<!DOCTYPE html><title>Log in', 'this is HTML or XML'],
    ['a JSON array', ' [{"partner":"a"}]', 'this is a JSON array, expected one JSON object a line'],
    ['an object over several lines', '{\n  "partner": "a"\n}', 'spread over several lines'],
    ['bzip2', 'BZh91AY&SY', 'packed in a way that is not read'],
    ['gzip in gzip', gzipped(gzipped(csv)), 'this is packed twice'],
    ['Parquet in gzip', gzipped(parquet), 'a Parquet file inside gzip, expected it plain'],
    ['an Arrow file in zstd', zstd(arrowFile(arrowTable(partners))), 'an Arrow file inside zstd'],
    [
      'lines that end with CR',
      `${header}a,bank,2024-01-01\n`.replaceAll('\n', '\r'),
      'a carriage return alone',
    ],
    ['a line without end', Buffer.alloc(2_000_000, 7), 'does not end within a megabyte'],
    ['a column twice', `partner,${header}`, 'the column partner appears twice, expected once'],
    [
      'other columns',
      'partner,kind,contracted\na,bank,2024-01-01\n',
      'its first line has no column partner_kind, contracted_on. Found "partner", "kind", "contracted"; expected a header with partner, partner_kind, contracted_on. "contracted" may be contracted_on.',
    ],
    [
      'other columns of Arrow',
      arrowStream(arrowTable([{ partner: 'a', Contracted_On: 'b' }])),
      'its schema has no column partner_kind, contracted_on. Found "partner", "Contracted_On"; expected the columns partner, partner_kind, contracted_on. "Contracted_On" may be contracted_on.',
    ],
    ['other columns of Parquet', parquetOf(arrowTable([{ partner: 'a' }])), 'its schema has no'],
    [
      'an Arrow file cut short',
      arrowFile(arrowTable(partners)).subarray(0, 9000),
      'does not end as',
    ],
    ['Parquet cut short', parquet.subarray(0, 9000), 'it does not end with PAR1'],
  ]
  test.for(refusals)('%s', async ([, content, sentence], { open }) => {
    const opened = open(content)
    await expect(opened).rejects.toThrow(sentence)
    await expect(opened).rejects.toMatchObject({ retryable: false })
    await expect(opened).rejects.toThrow(/^file: /)
  })
})

describe('damage is told where it is, after the rows before it', () => {
  const inTheMiddle = (bytes: Buffer, at: number) => {
    const damaged = Buffer.from(bytes)
    damaged.fill(0x55, at, at + 200)
    return damaged
  }
  const files: [string, Buffer, string][] = [
    ['a gzip cut short', gzipped(csv).subarray(0, 60_000), 'unexpected end of file'],
    ['a gzip with a broken byte', inTheMiddle(gzipped(csv), 60_000), 'gzip file is damaged'],
    ['a zstd cut short', zstd(noisy).subarray(0, -3), 'unexpected end of file'],
    ['a zstd cut within its second frame', zstdInFrames(csv).subarray(0, -9), 'unexpected end'],
    ['a zstd with something behind', Buffer.concat([zstd(csv), csv]), 'is not zstd'],
    ['a zstd with a broken byte', inTheMiddle(zstd(csv), 15_000), 'zstd file is damaged'],
    ['an Arrow stream cut within a batch', stream.subarray(0, -9000), 'but only read'],
    ['an Arrow stream cut between batches', stream.subarray(0, -8), 'its end mark is missing'],
    [
      'an Arrow stream with something behind',
      Buffer.concat([stream, csv]),
      'Arrow stream is damaged',
    ],
    ['an Arrow stream in a gzip cut short', gzipped(stream).subarray(0, 90_000), 'unexpected end'],
    ['Parquet with a broken page', inTheMiddle(parquet, 60_000), 'a page cannot be decoded'],
  ]
  test.for(files)('%s', async ([, content, sentence], { open }) => {
    const opened = await open(content)
    let pieces = 0
    const reading = (async () => {
      for await (const _ of opened.pieces as AsyncIterable<unknown>) pieces++
    })()
    await expect(reading).rejects.toThrow(sentence)
    await expect(reading).rejects.toMatchObject({ name: 'DamagedFile', retryable: false })
    await expect(reading).rejects.toThrow(
      /^file: the .* is damaged or cut short \(.*\); [\d,]+ (unpacked bytes|rows) could be read/,
    )
    expect(pieces).toBeGreaterThan(0)
  })
})

test('reading that is stopped ends at once with the reason', async ({ open }) => {
  for (const content of [csv, gzipped(csv), zstd(csv), stream, parquet]) {
    const stop = new AbortController()
    const { pieces } = await open(content, { signal: stop.signal })
    const reading = (async () => {
      for await (const _ of pieces as AsyncIterable<unknown>) stop.abort(new Error('stopped'))
    })()
    await expect(reading).rejects.toThrow('stopped')
  }
})
