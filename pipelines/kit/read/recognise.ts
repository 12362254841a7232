/** What a file is, by how it begins. */
import type { Layout } from '../encode/encoder.ts'

/** A format that can be read. */
export type Format = Layout['format']

/** The most that may stand before the end of the first line. */
export const longestHead = 1024 * 1024

/** A format, or why the file cannot be read and what to do: sentences without the file's name. */
export type Recognised = { format: Format } | { refusal: string }

const refuse = (refusal: string): Recognised => ({ refusal })

const readable = 'CSV, NDJSON, Arrow or Parquet'
const saveAsCsv = 'expected UTF-8. Save it as "CSV UTF-8".'

/** Formats by their first bytes. */
const beginnings: [bytes: string | number[], recognised: Recognised][] = [
  ['ARROW1', { format: 'arrow' }],
  [[0xff, 0xff, 0xff, 0xff], { format: 'arrow' }],
  ['PAR1', { format: 'parquet' }],
  [
    'PK\x03\x04',
    refuse(
      `this is a zip archive or an Excel workbook, expected ${readable}. Unpack it, or save it as "CSV UTF-8".`,
    ),
  ],
  [
    [0xd0, 0xcf, 0x11, 0xe0],
    refuse(`this is an old Excel workbook, expected ${readable}. Save it as "CSV UTF-8".`),
  ],
  [[0xff, 0xfe], refuse(`this is UTF-16 text, ${saveAsCsv}`)],
  [[0xfe, 0xff], refuse(`this is UTF-16 text, ${saveAsCsv}`)],
  ['%PDF', refuse(`this is a PDF, expected ${readable}. Ask its sender for the data itself.`)],
  ...['BZh9', '7z\xbc\xaf', '\xfd7zXZ', 'Rar!', '\x04"M\x18'].map((bytes): [string, Recognised] => [
    bytes,
    refuse(
      `this is packed in a way that is not read, expected ${readable}, plain or in gzip or zstd. Unpack it first.`,
    ),
  ]),
  ...['Obj\x01', 'SQLite format 3'].map((bytes): [string, Recognised] => [
    bytes,
    refuse(`this is an Avro or SQLite file, expected ${readable}. Export it as one of these.`),
  ]),
]

/** Recognises a file by its first bytes, unpacked: up to the end of its first line if it has one. */
export function recognise(head: Buffer): Recognised {
  for (const [bytes, recognised] of beginnings) {
    const magic = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes)
    if (head.subarray(0, magic.length).equals(magic)) return recognised
  }
  if (head.subarray(257, 262).toString('latin1') === 'ustar')
    return refuse(`this is a tar archive, expected ${readable}. Unpack it first.`)
  if (head[0] === 0x1f && head[1] === 0x8b)
    return refuse('this is packed twice, expected once. Unpack it first.')
  return recogniseText(head)
}

function recogniseText(head: Buffer): Recognised {
  // Latin letters in UTF-16 without a mark.
  if (head.length > 3 && (head[0] === 0) !== (head[1] === 0) && (head[2] === 0) !== (head[3] === 0))
    return refuse(`this is UTF-16 text, ${saveAsCsv}`)
  const { start } = firstLine(head)
  if (head.length === 0)
    return refuse('the file is empty (0 bytes), expected a header and at least one row.')
  if (start === head.length)
    return head.length > longestHead
      ? refuse('the file begins with a megabyte of blanks, expected a header.')
      : refuse('the file holds only blank lines, expected a header and at least one row.')
  const text = head.subarray(start).toString('latin1').trimStart()
  if (text.startsWith('{')) return { format: 'ndjson' }
  if (text.startsWith('['))
    return refuse(
      'this is a JSON array, expected one JSON object a line (NDJSON). To turn it into that: jq -c ".[]"',
    )
  if (/^<(!|\?xml|[a-z]+[\s>])/i.test(text))
    return refuse(
      `this is HTML or XML, expected ${readable}. A download may have ended on a page to log in, or on an error: open it in a browser.`,
    )
  return { format: 'csv' }
}

/** Where the first line that is not blank stands in the bytes, without its newline, and which line it is. */
export interface FirstLine {
  start: number
  /** -1 when the line does not end within these bytes. */
  end: number
  /** Counted from 1, as an editor does. */
  line: number
}

/** Finds the first line that is not blank; a byte order mark is not part of it. */
export function firstLine(head: Buffer): FirstLine {
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
  let start = hasMark ? 3 : 0
  let line = 1
  for (let at = start; at < head.length; at++) {
    const byte = head[at]
    if (byte === 10) {
      start = at + 1
      line++
    } else if (byte !== 32 && byte !== 9 && byte !== 13)
      return { start, end: head.indexOf(10, at), line }
  }
  return { start: head.length, end: -1, line }
}
