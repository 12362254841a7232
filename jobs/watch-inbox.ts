import { type FSWatcher, mkdirSync, watch } from 'node:fs'

import { listing } from './engine/timetable/listing.ts'

interface Options {
  /** Called when files came or changed; false: not now, ask again soon. */
  onArrival: () => Promise<boolean>
  onProblem?: (problem: string) => void
  /** How long nothing may happen before files are taken to have come. */
  quietMs?: number
  /** Also looked at so often: a network drive tells nobody that a file came. */
  everyMs?: number
}

/** Watches an inbox until it is disposed of. What is there at the beginning counts as having come. */
export function watchInbox(inbox: string, options: Options): AsyncDisposable {
  const { onArrival, onProblem = console.error, quietMs = 300, everyMs = 15_000 } = options
  mkdirSync(inbox, { recursive: true })
  const soonMs = Math.min(2_000, everyMs)
  let seen: string | null = null
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let isOver = false

  const lookIn = (ms: number) => {
    clearTimeout(timer)
    if (isOver) return
    timer = setTimeout(() => {
      looking = look()
    }, ms)
  }
  async function look() {
    let nextMs = everyMs
    try {
      const now = await listing(inbox)
      if (now !== seen && (await onArrival())) seen = now
      else if (now !== seen) nextMs = soonMs
    } catch (error) {
      onProblem(`The inbox could not be looked at: ${(error as Error).message}`)
    }
    lookIn(nextMs)
  }

  const watcher = watchFolder(inbox, () => lookIn(quietMs))
  lookIn(0)
  return {
    async [Symbol.asyncDispose]() {
      isOver = true
      watcher?.close()
      clearTimeout(timer)
      await looking
    },
  }
}

/** Where the system cannot watch, looking every so often has to do. */
function watchFolder(inbox: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(inbox, { recursive: true, persistent: false }, onChange)
    watcher.on('error', () => {})
    return watcher
  } catch {
    return null
  }
}
