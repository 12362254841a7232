/** Files into a feed's inbox as they come in: hidden, durable, then seen at once as a whole. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { inboxName } from './arrivals.ts'
import type { Home } from './home.ts'

/** A file that is whole on disk and not yet seen. */
export interface Arrived {
  bytes: number
  sha256: string
  /** Makes it a file of the inbox, for good once the folder is synced. */
  show: () => Promise<void>
  drop: () => Promise<void>
}

/** While it is written, a file that a connector fetches ends so. */
const ending = '.fetching'

/** Writes content beside the files of a feed's inbox, hidden until it is shown. */
export async function arrive(
  { inbox }: Pick<Home, 'inbox'>,
  feed: string,
  name: string,
  content: AsyncIterable<Uint8Array | string>,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<Arrived> {
  const folder = join(inbox, feed)
  await mkdir(folder, { recursive: true })
  const file = inboxName({ name })
  const hidden = join(folder, `.${file}${ending}`)
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(chunks: AsyncIterable<Uint8Array | string>) {
    for await (const chunk of chunks) {
      const buffer = Buffer.from(chunk as Uint8Array)
      hash.update(buffer)
      onBytes?.((bytes += buffer.length))
      yield buffer
    }
  }
  const drop = () => rm(hidden, { force: true })
  try {
    const out = createWriteStream(hidden, { flags: 'wx', flush: true })
    await pipeline(content, counted, out, { ...(signal && { signal }) })
  } catch (error) {
    await drop()
    throw error
  }
  return {
    bytes,
    sha256: hash.digest('hex'),
    drop,
    show: () => rename(hidden, join(folder, file)),
  }
}

/** Removes what a fetch that was killed left of its file. */
export async function clearUnfinished({ inbox }: Pick<Home, 'inbox'>, feed: string) {
  const folder = join(inbox, feed)
  const names = await readdir(folder).catch(() => [])
  for (const name of names)
    if (name.startsWith('.') && name.endsWith(ending)) await rm(join(folder, name), { force: true })
}

/** Makes names in a folder survive a power cut. */
export async function syncFolder(folder: string) {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
