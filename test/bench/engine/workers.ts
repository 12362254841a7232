/** Workers in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'

import type { GraphName } from './graphs.ts'

/** What such a worker is told. */
export interface WorkerErrand {
  url: string
  /** Carries the queue; the warehouse does when left out. */
  redisUrl?: string | undefined
  graph: GraphName
  slots: number
}

const program = join(import.meta.dirname, 'worker.process.ts')

/** The code comes compiled, as it does to every command of the product. */
const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), 'recoup-bench-code') }

/** Starts so many, and waits until all of them take steps. They end with the disposal. */
export async function startWorkers(
  db: Kysely<unknown>,
  number: number,
  errand: WorkerErrand,
): Promise<AsyncDisposable> {
  const workers = Array.from({ length: number }, () => startProcess(program, errand))
  await presence(db, number)
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map(end))
    },
  }
}

/** A program of the bench with its errand; what it has to complain of is seen. */
export function startProcess(path: string, errand: object): ChildProcess {
  return spawn(process.execPath, [path, JSON.stringify(errand)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...compiled },
  })
}

/** Ends a process that has nothing to finish. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** Waits until so many workers are there. */
export async function presence(db: Kysely<unknown>, number: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { rows } = await sql<{ there: number }>`
      select count(*)::int4 as there from engine.worker`.execute(db)
    if ((rows[0]?.there ?? 0) >= number) return
    if (Date.now() > deadline) throw new Error(`${number} workers did not start within a minute.`)
    await sleep(20)
  }
}
