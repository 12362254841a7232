import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

import type { Home } from './home.ts'

/** Which make-believe marketplace: the same preset and seed give the same bytes. */
export interface DemoChoice {
  preset: 'demo' | 'small'
  seed: number
}

interface Watch {
  signal: AbortSignal
  onProgress: (fraction: number, note: string) => void
}

/** How the demo came to be in the inbox. */
export interface PlacedDemo {
  rows: number
  files: number
  bytes: number
}

/** Whether the home holds the made-up marketplace; then every number is synthetic. */
export function isDemo(home: Home): boolean {
  return existsSync(folderOf(home))
}

/** Whether nobody has put a file into the inbox yet. */
export function isInboxEmpty(home: Home): boolean {
  if (!existsSync(home.inbox)) return true
  return readdirSync(home.inbox, { recursive: true, withFileTypes: true }).every(
    (entry) => !entry.isFile(),
  )
}

/**
 * Makes the demo aside, renames it into the home as a whole, then moves its files into the inbox one
 * by one. After a kill at any point the next call finishes: no folder means make it, files left in
 * the folder mean move them. `truth.json` stays behind and marks the home as synthetic.
 */
export async function placeDemo(home: Home, choice: DemoChoice, watch: Watch): Promise<PlacedDemo> {
  const folder = folderOf(home)
  if (!existsSync(folder)) {
    const aside = `${folder}.unfinished`
    rmSync(aside, { recursive: true, force: true })
    mkdirSync(aside, { recursive: true })
    const { generateDemoInWorker } = await import('#pipelines/demo/in-worker.ts')
    const made = generateDemoInWorker({ ...choice, outDir: aside, onProgress: watch.onProgress })
    await untilAborted(made, watch.signal)
    renameSync(aside, folder)
  }
  return moveIntoInbox(folder, home.inbox)
}

/** The promise, or the signal's reason if that comes first. */
async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = once(signal, 'abort').then(() => signal.throwIfAborted())
  await Promise.race([promise, aborted])
}

/** Finishes what a killed start left undone. */
export function finishDemo(home: Home) {
  if (isDemo(home)) moveIntoInbox(folderOf(home), home.inbox)
}

function moveIntoInbox(folder: string, inbox: string): PlacedDemo {
  const placed: PlacedDemo = { rows: 0, files: 0, bytes: 0 }
  const feeds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name: feed } of feeds) {
    mkdirSync(join(inbox, feed), { recursive: true })
    for (const file of readdirSync(join(folder, feed))) {
      const from = join(folder, feed, file)
      placed.files++
      placed.bytes += statSync(from).size
      renameSync(from, join(inbox, feed, file))
    }
    rmSync(join(folder, feed), { recursive: true })
  }
  return placed
}

function folderOf(home: Home): string {
  return join(home.folder, 'demo')
}
