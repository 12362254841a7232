/** The bytes of a feed file: known by their hash, unpacked by what they are and not by their name. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { feedError } from './feed-error.ts'

/** A file, and what it is known by. */
export interface FeedFile {
  feed: string
  /** What people call it; messages and the quarantine name it so. */
  name: string
  path: string
  bytes: number
  sha256: string
}

const chunk = 256 * 1024

/** Reads a file once to know it again by its content. */
export async function identify(
  feed: string,
  path: string,
  { name = basename(path), signal }: { name?: string; signal?: AbortSignal | undefined } = {},
): Promise<FeedFile> {
  const found = await stat(path).catch((cause: unknown) => {
    throw feedError(feed, name, 'there is no such file.', cause)
  })
  if (!found.isFile()) throw feedError(feed, name, 'this is a folder; name the files in it.')
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: chunk }), hash, { signal })
  return { feed, name, path, bytes: found.size, sha256: hash.digest('hex') }
}

/** The unpacked bytes, piece by piece. `onRead` is told of each piece as it lies on disk. */
export async function* unpacked(
  file: FeedFile,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  async function* disk() {
    for await (const piece of createReadStream(file.path, { highWaterMark: chunk })) {
      onRead((piece as Buffer).length)
      yield piece as Buffer
    }
  }
  if (!(await isGzip(file))) {
    yield* disk()
    return
  }
  const gunzip = createGunzip({ chunkSize: chunk })
  // A failure also ends the loop below, which is where it is told.
  pipeline(disk(), gunzip).catch(() => {})
  try {
    for await (const piece of gunzip) yield piece as Buffer
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw cause
    const found = `the gzip file is damaged or cut short (${message}); nothing of it was loaded. Fetch it again.`
    throw feedError(file.feed, file.name, found, cause)
  }
}

/** Other formats by their first bytes, and what to do with them. */
const others: [bytes: number[], found: string][] = [
  [
    [0x50, 0x4b, 0x03, 0x04],
    'this is a zip archive or an Excel workbook, expected CSV, NDJSON or gzip of them. Unpack it, or save it as "CSV UTF-8".',
  ],
  [
    [0x28, 0xb5, 0x2f, 0xfd],
    'this is packed with zstd, expected CSV, NDJSON or gzip of them. Unpack it first.',
  ],
  [[0x50, 0x41, 0x52, 0x31], 'this is a Parquet file, expected CSV, NDJSON or gzip of them.'],
  [[0xff, 0xfe], 'this is UTF-16 text, expected UTF-8. Save it as "CSV UTF-8".'],
  [[0xfe, 0xff], 'this is UTF-16 text, expected UTF-8. Save it as "CSV UTF-8".'],
]

async function isGzip({ feed, name, path }: FeedFile): Promise<boolean> {
  const handle = await open(path)
  const head = Buffer.alloc(4)
  try {
    await handle.read(head, 0, 4, 0)
  } finally {
    await handle.close()
  }
  for (const [bytes, found] of others)
    if (head.subarray(0, bytes.length).equals(Buffer.from(bytes)))
      throw feedError(feed, name, found)
  return head[0] === 0x1f && head[1] === 0x8b
}
