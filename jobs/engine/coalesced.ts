/** Work that runs one at a time; asked for while it runs, it runs once more after. */
export function coalesced(work: () => Promise<void>, onError: (error: unknown) => void) {
  let running: Promise<void> | undefined
  let again = false
  const rounds = async () => {
    do {
      again = false
      await work().catch(onError)
    } while (again)
    running = undefined
  }
  return {
    run() {
      if (running) again = true
      else running = rounds()
    },
    async idle() {
      again = false
      await running
    },
  }
}
