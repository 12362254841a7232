/** What the real `recoup worker` costs before it has anything to do, while it builds the demo, and after. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { placeDemo } from '#jobs/demo.ts'
import { bringUpToDate } from '#jobs/engine/watch.ts'
import { homeOf } from '#jobs/home.ts'
import { openWorks } from '#jobs/worker.ts'

import { cpuWithChildren } from '../ingest/cpu.ts'
import { end } from './workers.ts'

/** What a process cost over some time; null where Linux does not tell. */
export interface Footprint {
  cpuPercent: number | null
  residentBytes: number | null
  /** What is shared with other processes counts in parts. */
  proportionalBytes: number | null
}

export interface Footprints {
  idle: Footprint
  /** While all real assets are built from the small demo; memory at its peak. */
  busy: Footprint
  /** When that is done and it has come to rest. */
  rested: Footprint
}

interface Place {
  url: string
  redisUrl: string | undefined
  folder: string
  idleSeconds: number
}

/** After this a worker that has just started has come to rest. */
const untilRestMs = 20_000

const program = join(import.meta.dirname, '../../../jobs/recoup.js')

export async function footprints({
  url,
  redisUrl,
  folder,
  idleSeconds,
}: Place): Promise<Footprints> {
  const home = homeOf({ RECOUP_HOME: folder })
  await using works = await openWorks(url, home)
  const { REDIS_URL: _, ...rest } = process.env
  const carrier = redisUrl && { REDIS_URL: redisUrl }
  const env = { ...rest, DATABASE_URL: url, RECOUP_HOME: folder, ...carrier }
  // The first start compiles, the others find it done.
  const first = await begun(env)
  await sleep(untilRestMs)
  await end(first)
  const worker = await begun(env)
  try {
    await sleep(untilRestMs)
    const idle = await observed(worker, () => sleep(idleSeconds * 1000))
    const memory = memoryOf(worker)

    await placeDemo(
      home,
      { preset: 'small', seed: 1 },
      { signal: AbortSignal.timeout(120_000), onProgress() {} },
    )
    const busy = await observed(worker, () => bringUpToDate(works.db, works.plan))
    const most = { ...memoryOf(worker), residentBytes: peakOf(worker) }
    await sleep(untilRestMs)
    const rested = await observed(worker, () => sleep(idleSeconds * 1000))
    return {
      idle: { cpuPercent: idle, ...memory },
      busy: { cpuPercent: busy, ...most },
      rested: { cpuPercent: rested, ...memoryOf(worker) },
    }
  } finally {
    await end(worker)
  }
}

async function begun(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [program, 'worker'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  await once(worker.stdout, 'data')
  return worker
}

/** The CPU share of a process while something goes on. */
async function observed(
  { pid }: ChildProcess,
  work: () => Promise<unknown>,
): Promise<number | null> {
  const [start, before] = [performance.now(), cpuWithChildren(pid!)]
  await work()
  const [seconds, after] = [(performance.now() - start) / 1000, cpuWithChildren(pid!)]
  return before === null || after === null ? null : ((after - before) / seconds) * 100
}

function memoryOf({ pid }: ChildProcess) {
  const told = read(`/proc/${pid}/smaps_rollup`)
  return { residentBytes: told('Rss'), proportionalBytes: told('Pss') }
}

function peakOf({ pid }: ChildProcess): number | null {
  return read(`/proc/${pid}/status`)('VmHWM')
}

function read(path: string): (field: string) => number | null {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // Not Linux.
  }
  return (field) => {
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text) ?? []
    return kilobytes ? Number(kilobytes) * 1024 : null
  }
}
