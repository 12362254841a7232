const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * A signal that aborts on the first Ctrl-C or kill. A second one ends the process at once: the next
 * Recoup takes over what is left running.
 */
export function interruption(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  let first = 0
  const onSignal = (name: NodeJS.Signals) => {
    first ||= Date.now()
    // A terminal and npm both pass on the same Ctrl-C.
    if (Date.now() - first > 1000) process.exit(130)
    controller.abort(new Error(`stopped by ${name}`))
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
