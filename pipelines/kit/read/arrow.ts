/** Arrow IPC: the file with a footer (Feather), and the stream, which may be packed. */
import { type FileHandle, open } from 'node:fs/promises'
import type { RecordBatch, RecordBatchReader, Schema } from 'apache-arrow'
import type { Source } from '../asset.ts'
import { feedError } from './feed-error.ts'
import { registerCodecs } from './arrow-codecs.ts'
import {
  asDamage,
  type ColumnarFeed,
  columnarLayout,
  type ColumnarOptions,
  inPieces,
  undamaged,
} from './columnar.ts'
import type { FeedFile } from './feed-file.ts'
import { unpacked } from './unpacked.ts'

/** Opens an Arrow file or stream of a feed. */
export async function openArrow(
  source: Source,
  file: FeedFile,
  options: ColumnarOptions,
): Promise<ColumnarFeed> {
  await registerCodecs()
  const isFile = await hasMagic(file, options)
  const kind = isFile ? 'Arrow file' : 'Arrow stream'
  if (isFile && options.packing)
    throw feedError(
      file.feed,
      file.name,
      `this is an Arrow file inside ${options.packing}, expected it plain, or an Arrow stream inside ${options.packing}. Unpack it first.`,
    )
  const begin = (told: ColumnarOptions) =>
    isFile ? fileBatches(file, told) : streamBatches(file, told)

  // Nothing stays open until the pieces are asked for.
  const looking = begin({ ...options, onRead: undefined })
  const schema = await looking.next().catch((cause: unknown) => {
    throw asDamage(file, kind, 0, cause)
  })
  await looking.return()
  const start = options.resume?.from ?? { offset: 0, line: 0 }
  const feed = columnarLayout(source, file, 'arrow', schema.value as Schema)
  const batches = undamaged(file, kind, withoutFirst(begin(options)))
  return { ...feed, start, pieces: inPieces(batches, start.offset, options.signal) }
}

/** The batches, which follow the schema. */
async function* withoutFirst(
  opened: AsyncGenerator<Schema | RecordBatch, void, undefined>,
): AsyncGenerator<RecordBatch> {
  await opened.next()
  yield* opened as AsyncGenerator<RecordBatch>
}

const magic = 'ARROW1'
/** The smallest file: magic number at both ends, and the footer's length. */
const smallest = 8 + 4 + magic.length

async function hasMagic(file: FeedFile, { packing }: ColumnarOptions): Promise<boolean> {
  for await (const head of unpacked(file, packing))
    return head.toString('latin1', 0, magic.length) === magic
  return false
}

/** The schema, then the batches, of an Arrow file: its footer, which stands last, says where they are. */
async function* fileBatches(
  file: FeedFile,
  { onRead }: ColumnarOptions,
): AsyncGenerator<Schema | RecordBatch, void, undefined> {
  const { RecordBatchReader } = await import('apache-arrow')
  await using handle = await open(file.path)
  await checkFooter(handle, file.bytes)
  const reader = await RecordBatchReader.from(counting(handle, onRead))
  await reader.open()
  yield reader.schema
  yield* reader
}

async function checkFooter(handle: FileHandle, bytes: number) {
  const footer = Buffer.alloc(4 + magic.length)
  await handle.read(footer, 0, footer.length, bytes - footer.length)
  if (bytes < smallest || footer.toString('latin1', 4) !== magic)
    throw new Error('it does not end as an Arrow file does')
  const length = footer.readInt32LE(0)
  if (length <= 0 || length > bytes - smallest) throw new Error('its footer has no length')
}

/** What the library reads of a file handle, counted. */
function counting(handle: FileHandle, onRead: ColumnarOptions['onRead']): FileHandle {
  const read = async (buffer: Uint8Array, offset: number, length: number, position: number) => {
    const found = await handle.read(buffer, offset, length, position)
    // The library would ask again for ever.
    if (found.bytesRead === 0) throw new Error('unexpected end of file')
    onRead?.(found.bytesRead)
    return found
  }
  const counted = { fd: handle.fd, stat: () => handle.stat(), close: async () => {}, read }
  return counted as unknown as FileHandle
}

/** The schema, then the batches, of an Arrow stream. Streams written one after the other are one. */
async function* streamBatches(
  file: FeedFile,
  options: ColumnarOptions,
): AsyncGenerator<Schema | RecordBatch, void, undefined> {
  const { RecordBatchReader } = await import('apache-arrow')
  const tail = { bytes: Buffer.alloc(0) }
  const bytes = streamBytes(file, options, tail)
  try {
    let first: Schema | undefined
    const readers: AsyncIterable<RecordBatchReader> = RecordBatchReader.readAll(bytes)
    for await (const reader of readers) {
      const { schema } = reader
      if (!first) yield (first = schema)
      else if (String(schema) !== String(first))
        throw new Error('a stream with other columns follows')
      yield* reader as AsyncIterable<RecordBatch>
    }
    if (!first) throw new Error('it has no schema')
    // Nothing else tells a stream that was cut between two batches from a whole one.
    if (!tail.bytes.equals(endOfStream)) throw new Error('its end mark is missing')
  } finally {
    // The library does not tell its source that nobody reads on.
    await bytes.return(undefined)
  }
}

const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

/** The bytes of a stream in buffers of their own, which batches will point into, and the last eight. */
async function* streamBytes(
  file: FeedFile,
  { packing, onRead }: ColumnarOptions,
  tail: { bytes: Buffer },
): AsyncGenerator<Uint8Array> {
  for await (const piece of unpacked(file, packing, { onRead })) {
    const copy = Uint8Array.from(piece)
    tail.bytes = Buffer.concat([tail.bytes, copy.subarray(-8)]).subarray(-8)
    yield copy
  }
}
