import { FeedError } from './feed-error.ts'
import type { FeedFile } from './feed-file.ts'

/**
 * A file that is damaged or cut short, which shows only where the damage is. The rows before it were
 * judged like any others and may be in the table already; whoever loads says how many.
 */
export class DamagedFile extends FeedError {
  override name = 'DamagedFile'
  readonly file: string
  /** What is wrong, and how far the file could be read: a sentence without its full stop. */
  readonly found: string

  constructor(file: string, found: string, cause: unknown) {
    super(`${file}: ${found}. ${fetchAgain}`, { cause })
    this.file = file
    this.found = found
  }
}

/** What to do with a damaged file. */
const fetchAgain = 'Fetch it again, whole, and ingest it; what is known already stays as it is.'

/** `read` is how far it came: '1,234,567 unpacked bytes'. */
export function damaged(
  { name }: FeedFile,
  kind: string,
  read: string,
  cause: unknown,
): DamagedFile {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DamagedFile(
    name,
    `the ${kind} is damaged or cut short (${why}); ${read} could be read before the damage`,
    cause,
  )
}
