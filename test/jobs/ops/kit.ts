import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'
import { onTestFinished } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { startRun } from '#jobs/engine/run.ts'
import { createTables, Outside } from '#test/jobs/engine/kit.ts'
import { feed, napping } from '#test/jobs/engine/napping.ts'

/** A line of a worker's log. */
export type LogLine = Record<string, unknown> & { level: string; msg: string }

/** A run of raw.feed and then mart.napping, whose query takes so many seconds. */
export async function planNap(db: Kysely<AnyDatabase>, seconds: number): Promise<number> {
  await createTables(db, [feed, napping])
  await sql`create table raw.nap as select ${seconds}::float8 as n`.execute(db)
  const run = await startRun(db, { assets: [feed, napping], hasNews: async () => true })
  return run!.id
}

export const outsideWithRows = () => {
  const outside = new Outside()
  outside.put('raw.feed', 1, 2)
  return outside
}

/** Starts a worker in a process of its own. */
export function startWorkerProcess(url: string, grace: number, env: NodeJS.ProcessEnv = {}) {
  const program = join(import.meta.dirname, 'worker.process.ts')
  const child = spawn(process.execPath, [program, url, String(grace)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: LogLine[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as LogLine))
  const ended = once(child, 'exit').then(([code]) => code as number)
  const says = (part: string) => until(() => lines.find(({ msg }) => msg.includes(part)))
  return { child, lines, ended, says }
}

/** Waits for what is to come. */
export async function until<Result>(
  look: () => Result | undefined | null | false | Promise<Result | undefined | null | false>,
): Promise<Result> {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    const found = await look()
    if (found) return found
    await sleep(30)
  }
  throw new Error('It did not come within 15 s.')
}
