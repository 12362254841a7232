import { open, readdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { isAlive } from '../runtime.ts'
import { journalName, show } from './journal.ts'

/** A journal that is still written to is renamed before it is so much older than it may get. */
const graceMs = 60_000

/**
 * Makes files of the journals that a receiver left when it was killed; the result is how many. Every
 * answered record is in one. Half a line at the end was never answered, and is cut off.
 */
export async function recoverJournals(
  folder: string,
  { ageMs, own }: { ageMs: number; own: boolean },
): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  let recovered = 0
  for (const name of names) {
    const [match, host, pid] = journalName.exec(name) ?? []
    if (!match) continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (!found) continue
    const isMine = Number(pid) === process.pid
    const isLeft = host === hostname() && (isMine ? own : !isAlive(Number(pid)))
    if (!isLeft && Date.now() - found.mtimeMs < ageMs + graceMs) continue
    await cutHalfLine(path)
    await show(folder, path)
    recovered++
  }
  return recovered
}

async function cutHalfLine(path: string) {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const end = await endOfLastLine(handle, size)
    if (end < size) await handle.truncate(end)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function endOfLastLine(
  handle: Awaited<ReturnType<typeof open>>,
  size: number,
): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024)
  for (let end = size; end > 0; end -= chunk.length) {
    const from = Math.max(0, end - chunk.length)
    const { bytesRead } = await handle.read(chunk, 0, end - from, from)
    const newline = chunk.subarray(0, bytesRead).lastIndexOf(10)
    if (newline !== -1) return from + newline + 1
  }
  return 0
}
