/**
 * A file that cannot be read as the feed it is said to be: empty, another format, columns missing.
 * Final: the same file fails the same way however often it is tried. Nothing of it was loaded.
 */
export class FeedError extends Error {
  override name = 'FeedError'
  readonly retryable = false
}

/** Says what was found, what is expected, and where to look. `feed` is the name without `raw.`. */
export function feedError(feed: string, file: string, found: string, cause?: unknown): FeedError {
  const next = `What a ${feed} feed must look like: npx recoup contracts ${feed}`
  return new FeedError(`${file}: ${found} ${next}`, { cause })
}

/** A file that would bring nothing is not what its sender meant. */
export function noRows(feed: string, file: string): FeedError {
  return feedError(feed, file, 'the file has a header but no rows below it.')
}
