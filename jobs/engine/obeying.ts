const graceMs = 2_000

/** Work went on although it was told to stop; whatever it still does must not count. */
export class Deserted extends Error {}

/**
 * Waits for work that is to stop when the signal says so. Work that does not is left behind after two
 * seconds: code that waits for something else must not keep its step, and its worker, for ever.
 */
export async function obeying<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const left = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const leave = () => {
    timer = setTimeout(
      () => left.reject(new Deserted('It did not stop when told to.', { cause: signal.reason })),
      graceMs,
    )
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
    clearTimeout(timer)
    // Its own end, whenever it comes, is nobody's concern.
    work.catch(() => {})
    left.promise.catch(() => {})
  }
}
