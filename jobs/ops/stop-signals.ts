const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal and npm both pass on the same Ctrl-C. */
const sameMs = 1_000

/** Signals that end a worker: the first asks it to, the second wants it at once, a third waits for nothing. */
export function stopSignals(): { stop: AbortSignal; hurry: AbortSignal } & Disposable {
  const stop = new AbortController()
  const hurry = new AbortController()
  let last = 0
  const onSignal = (name: NodeJS.Signals) => {
    if (Date.now() - last < sameMs) return
    last = Date.now()
    const reason = new Error(`stopped by ${name}`)
    if (hurry.signal.aborted) process.exit(130)
    else if (stop.signal.aborted) hurry.abort(reason)
    else stop.abort(reason)
  }
  for (const name of names) process.on(name, onSignal)
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
