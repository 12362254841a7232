import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Postgres server process, as its own postmaster.pid describes it. */
export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

/** The server that runs on a data directory, whoever started it. */
export function findPostmaster(data: string): Postmaster | undefined {
  const note = readNote(data)
  return note && isPostmasterOf(data, note.pid) ? note : undefined
}

/**
 * Removes a postmaster.pid whose process number now belongs to another program. Postgres itself
 * clears a dead number, but refuses to start when the number is alive.
 */
export function clearStaleNote(data: string) {
  const note = readNote(data)
  if (note && commandOf(note.pid) !== '' && !isPostmasterOf(data, note.pid))
    rmSync(join(data, 'postmaster.pid'), { force: true })
}

/** Stops the server: open sessions are ended, what they had committed stays. */
export async function stopPostmaster(data: string, pid: number): Promise<void> {
  const stopped = async (seconds: number) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(10))
      if (!isPostmasterOf(data, pid)) return true
    return false
  }
  signal(pid, 'SIGINT')
  if (await stopped(60)) return
  signal(pid, 'SIGQUIT')
  if (!(await stopped(10)))
    throw new Error(`Postgres (process ${pid}) does not stop. End it with: kill -9 ${pid}`)
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Lines of postmaster.pid: 1 process, 2 data directory, 3 start, 4 port, ..., 8 status. */
function readNote(data: string): Postmaster | undefined {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const pid = Number(lines[0])
  if (!pid) return undefined
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

function isPostmasterOf(data: string, pid: number): boolean {
  return commandOf(pid).includes(`-D ${data} `)
}

/** The command line of a process; empty when it has ended. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
