import { appendFileSync, renameSync, statSync } from 'node:fs'

import type { Lines } from './readable.ts'

const largest = 10_000_000

/** A log in a file. One that has grown large makes room at the start, and is kept beside it as `.1`. */
export function logFile(path: string): Lines {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largest)
    renameSync(path, `${path}.1`)
  return { write: (line) => appendFileSync(path, line) }
}
