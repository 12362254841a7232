/**
 * Where received records are written down before anybody is told that they were received. Whoever
 * writes at the same time shares one fsync. A journal is hidden in its feed's inbox until it is large
 * or old enough; then it is renamed, and is a file like any other.
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { inboxName } from '../arrivals.ts'
import { syncFolder } from '../deliver.ts'

/** The open journal of one feed. */
export interface Journal {
  /** Resolves once the lines are on disk; rejects when they may not be. */
  append: (lines: string) => Promise<void>
  /** Writes down what waits, and makes it a file of the inbox. */
  close: () => Promise<void>
}

interface Entry {
  lines: string
  resolve: () => void
  reject: (error: unknown) => void
}

interface OpenFile {
  handle: FileHandle
  path: string
  /** Bytes that are known to be on disk. */
  bytes: number
  rotation: NodeJS.Timeout
}

/** So much may wait for the disk; more is turned away. */
const mostWaitingBytes = 64 * 2 ** 20

export class JournalFullError extends Error {}

/** Opens a journal in a feed's folder of the inbox. */
export function openJournal(
  folder: string,
  {
    bytes: maxBytes,
    ageMs,
    onProblem,
  }: { bytes: number; ageMs: number; onProblem: (problem: string) => void },
): Journal {
  let waiting: Entry[] = []
  let waitingBytes = 0
  let file: OpenFile | null = null
  // One thing at a time happens to the file.
  let last: Promise<void> = Promise.resolve()
  const next = (work: () => Promise<void>) =>
    (last = last.then(work).catch((error: unknown) => {
      // The journal stays where it is; it is looked for every minute.
      onProblem(`${folder}: ${String(error)}`)
    }))

  async function write() {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    waitingBytes = 0
    try {
      file ??= await create(folder, () => void next(rotate), ageMs)
      const buffer = Buffer.from(batch.map(({ lines }) => lines).join(''))
      await file.handle.appendFile(buffer)
      await file.handle.datasync()
      file.bytes += buffer.length
      for (const { resolve } of batch) resolve()
      if (file.bytes >= maxBytes) await rotate()
    } catch (error) {
      for (const { reject } of batch) reject(error)
      // What of it reached the disk is not known, and nothing may be written after half a line.
      await rotate()
    }
  }

  async function rotate() {
    if (!file) return
    const { handle, path, bytes, rotation } = file
    file = null
    clearTimeout(rotation)
    await handle.truncate(bytes).catch(() => {})
    await handle.close().catch(() => {})
    if (bytes === 0) await rm(path, { force: true })
    else await show(folder, path)
  }

  return {
    append(lines) {
      if (waitingBytes > mostWaitingBytes)
        return Promise.reject(new JournalFullError('The disk is slower than what is received.'))
      return new Promise((resolve, reject) => {
        waiting.push({ lines, resolve, reject })
        waitingBytes += lines.length
        // Those who come while the disk is busy wait together for the next turn.
        if (waiting.length === 1) void next(write)
      })
    },
    async close() {
      await next(write)
      await next(rotate)
    },
  }
}

/** Journals of this machine bear its name and the process. */
export const journalName = /^\.received-(.*)-(\d+)-[0-9a-z]+\.ndjson$/

let opened = 0

async function create(folder: string, onAge: () => void, ageMs: number): Promise<OpenFile> {
  await mkdir(folder, { recursive: true })
  const number = `${Date.now().toString(36)}${opened++}`
  const path = join(folder, `.received-${hostname()}-${process.pid}-${number}.ndjson`)
  const handle = await open(path, 'ax')
  await syncFolder(folder)
  return { handle, path, bytes: 0, rotation: setTimeout(onAge, ageMs) }
}

/** Makes a journal a file of the inbox. */
export async function show(folder: string, path: string) {
  await rename(path, join(folder, inboxName({ name: 'received.ndjson' })))
  await syncFolder(folder)
}
