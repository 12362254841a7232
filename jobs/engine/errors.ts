/**
 * An error that trying again cannot mend. Any error may say so of itself with `retryable = false`,
 * also one thrown where this class is out of reach; every other error is retried.
 */
export class FinalError extends Error {
  readonly retryable = false
}

export function isFinal(error: unknown): boolean {
  return (error as { retryable?: unknown } | null)?.retryable === false
}

/** The step belongs to a newer attempt, or its run was cancelled: this attempt leaves no trace. */
export class FencedError extends FinalError {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
