/** How files get into the inbox: whole, and under a name that no other file has or gets. */
import { randomBytes } from 'node:crypto'
import { constants, createWriteStream } from 'node:fs'
import { copyFile, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Layout } from '#kit/encode/encoder.ts'

import type { Home } from './home.ts'

/** A format a file can be said to be in; it is recognised when nothing is said. */
export const fileFormats = [
  'csv',
  'ndjson',
  'arrow',
  'parquet',
] as const satisfies Layout['format'][]
export type FileFormat = (typeof fileFormats)[number]

/** What the name of a file in the inbox says of it. */
export interface Arrival {
  /** What its owner calls it. */
  name: string
  /** The format its owner said it is in. */
  format?: FileFormat
}

/** Puts a file into a feed's inbox; the result is its name there. */
export async function putInInbox(
  { inbox }: Pick<Home, 'inbox'>,
  feed: string,
  path: string,
  format?: FileFormat,
): Promise<string> {
  return await arrive(
    join(inbox, feed),
    { name: basename(path), ...(format && { format }) },
    (to) => linkOrCopy(path, to),
  )
}

/** Writes a stream of bytes into a feed's inbox as one file; the result is its name there. */
export async function spoolIntoInbox(
  { inbox }: Pick<Home, 'inbox'>,
  feed: string,
  bytes: NodeJS.ReadableStream,
  arrival: Arrival,
): Promise<string> {
  return await arrive(join(inbox, feed), arrival, (to) =>
    pipeline(bytes, createWriteStream(to, { flags: 'wx' })),
  )
}

let files = 0

/** A name that no other file of an inbox has; names sort as the files came. */
export function inboxName({ name, format }: Arrival): string {
  const at = new Date().toISOString().replaceAll(/[-:.]/g, '')
  // Files of one millisecond, too: the number first, then chance, which tells processes apart.
  const place = (files++ % 0x10000).toString(16).padStart(4, '0')
  const said = format ? `~${format}` : ''
  return `${at}-${place}${randomBytes(2).toString('hex')}${said}-${shorten(name)}`
}

/** A file system takes 255 bytes; the end of a long name says more than its beginning. */
function shorten(name: string): string {
  let short = name
  while (Buffer.byteLength(short) > 180) short = short.slice(1)
  return short
}

/** What a file of the inbox is called by its owner, and what it is said to be. */
export function arrivalOf(file: string): Arrival {
  const [, format, name = file] = /^\d{8}T\d{9}Z-[0-9a-f]{8}(?:~(\w+))?-(.+)$/s.exec(file) ?? []
  const known = fileFormats.find((each) => each === format)
  return { name, ...(known && { format: known }) }
}

async function arrive(
  folder: string,
  arrival: Arrival,
  write: (path: string) => Promise<void>,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = inboxName(arrival)
  const aside = join(folder, `.${file}`)
  try {
    await write(aside)
    // Seen only once it is whole.
    await rename(aside, join(folder, file))
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  return file
}

/** A file of this size is copied at once; what is written into the original later never shows. */
const copiedAtOnce = 64 * 1024 * 1024

/** A large file is not copied where a second name or shared blocks will do. */
async function linkOrCopy(path: string, to: string) {
  // A link to a symbolic link would be one more symbolic link.
  const real = await realpath(path)
  if ((await stat(real)).size > copiedAtOnce) {
    try {
      await link(real, to)
      return
    } catch {
      // Another disk, another owner, or a file system without links.
    }
  }
  await copyFile(real, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
}
