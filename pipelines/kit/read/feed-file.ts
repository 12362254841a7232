/** A file of a feed, known by what is in it and not by its name. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { feedError } from './feed-error.ts'
import { diskBytes } from './disk.ts'

/** A file, and what it is known by. */
export interface FeedFile {
  feed: string
  /** What people call it; messages and the quarantine name it so. */
  name: string
  path: string
  bytes: number
  sha256: string
}

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
  for await (const piece of diskBytes(path, { signal })) hash.update(piece)
  return { feed, name, path, bytes: found.size, sha256: hash.digest('hex') }
}
