import type { RecordBatch } from 'apache-arrow'
import type { Source } from '../asset.ts'
import type { Layout, Position } from '../encode/encoder.ts'
import { feedError } from './feed-error.ts'
import { shown } from '../words.ts'
import { openArrow } from './arrow.ts'
import { headerEnd, readHeader } from './csv-header.ts'
import type { FeedFile } from './feed-file.ts'
import { checkNames, ignoredColumns, requiredColumns, requiredKeys } from './header.ts'
import { openParquet } from './parquet.ts'
import { firstLine, type Format, longestHead, recognise } from './recognise.ts'
import { type Packing, packingOf, unpacked } from './unpacked.ts'

/** A feed file, recognised and found to have the feed's columns, ready to be read. */
export type OpenFeed = {
  /** Where the pieces begin: past the header of a CSV file, or where a load was stopped. */
  start: Position
  /** Columns of the file that the contract does not know. */
  ignored: string[]
} & (
  | { layout: TextLayout; pieces: AsyncIterable<Buffer> }
  | { layout: ColumnarLayout; pieces: AsyncIterable<RecordBatch> }
)

type TextLayout = Extract<Layout, { format: 'csv' | 'ndjson' }>
type ColumnarLayout = Exclude<Layout, TextLayout>

/** How a file is opened. */
export interface OpenOptions {
  /** The format the file is in, where it is not to be recognised. */
  format?: Format | undefined
  /** What separates the columns of a CSV file, where it is not to be recognised. */
  delimiter?: string | undefined
  /** Where a stopped load goes on, with the layout it began with. */
  resume?: { from: Position; layout: Layout } | undefined
  /** Told of each piece as it lies on disk, with how many bytes it has. */
  onRead?: ((bytes: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Opens a feed file of any format, plain or packed. Its pieces are bytes of text cut anywhere, or
 * record batches of at most 16,384 rows; a piece is valid until the next is asked for. Throws a
 * FeedError for a file that is not this feed, and a DamagedFile while it is read where the damage is.
 */
export async function openFeed(
  source: Source,
  file: FeedFile,
  options: OpenOptions = {},
): Promise<OpenFeed> {
  const { resume } = options
  const packing = await packingOf(file)
  const head = await readHead(file, packing)
  const format = resume?.layout.format ?? options.format ?? recognisedFormat(file, head)
  if (format === 'parquet') return await openParquet(source, file, { ...options, packing })
  if (format === 'arrow') return await openArrow(source, file, { ...options, packing })

  const found = resume
    ? { layout: resume.layout as TextLayout, start: resume.from }
    : layoutOf(source, file, head, format, options.delimiter)
  const { layout, start } = found
  const { onRead, signal } = options
  const pieces = unpacked(file, packing, { from: start.offset, onRead, signal })
  return { layout, start, ignored: ignoredColumns(source, layout.names), pieces }
}

function recognisedFormat(file: FeedFile, head: Buffer): Format {
  const recognised = recognise(head)
  if ('refusal' in recognised) throw feedError(file.feed, file.name, recognised.refusal)
  return recognised.format
}

/** The unpacked beginning of a file: to the end of its first line, or a little more than a megabyte. */
async function readHead(file: FeedFile, packing: Packing): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of unpacked(file, packing)) {
    pieces.push(Buffer.from(piece))
    length += piece.length
    const { start, end } = firstLine(piece)
    const hasLine = pieces.length === 1 ? end >= 0 && headerEnd(piece, start) >= 0 : end >= 0
    if (hasLine || length > longestHead) break
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

function layoutOf(
  source: Source,
  file: FeedFile,
  head: Buffer,
  format: 'csv' | 'ndjson',
  delimiter: string | undefined,
): { layout: TextLayout; start: Position } {
  const refuse = (found: string) => feedError(file.feed, file.name, found)
  const { start, end, line } = firstLine(head)
  const unquoted = format === 'csv' ? headerEnd(head, start) : -1
  const stop = unquoted < 0 ? end : unquoted
  if (stop < 0 && head.length > longestHead) throw refuse(tooLong(head))
  const text = head.toString('utf8', start, stop < 0 ? undefined : stop)
  const next = stop < 0 ? head.length : stop + 1

  if (format === 'ndjson') {
    const names = Object.keys(firstObject(text, refuse))
    checkNames(source, file.name, names, requiredKeys(source))
    // The first object is a record too.
    return { layout: { format, names }, start: { offset: start, line: line - 1 } }
  }
  const header = text.replace(/\r$/, '')
  if (/\r(?!\n)/.test(header)) throw refuse(loneReturns)
  const read = readHeader(source, header, delimiter)
  checkNames(source, file.name, read.names, requiredColumns(source))
  const lines = line + header.split('\n').length - 1
  return { layout: { format, ...read }, start: { offset: next, line: lines } }
}

function firstObject(text: string, refuse: (found: string) => Error): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const spread = /^\s*\{\s*$/.test(text) ? ' It seems to be spread over several lines.' : ''
    throw refuse(
      `its first line is not JSON: found ${shown(text.trim())}, expected one JSON object a line.${spread}`,
    )
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refuse(`its first line is ${shown(value)}, expected one JSON object a line.`)
  return value
}

const loneReturns =
  'its lines end with a carriage return alone, expected a newline. Save it with the line ends of Unix or Windows.'

function tooLong(head: Buffer): string {
  if (head.includes(13)) return loneReturns
  return 'a line does not end within a megabyte, expected lines of CSV or NDJSON.'
}
