/** Runs one measurement and adds what it cost the server. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { FileLoad } from '#kit/load/load-file.ts'

import { type BareFormat, copyWithPsql } from './bare-copy.ts'
import { cpuOfEndedChildren, cpuWithChildren } from './cpu.ts'
import type { BenchServer } from '../server.ts'

/** What a process of its own is to load. */
export interface Errand {
  url: string
  path: string
  feed: string
  /** A bare COPY of this format instead of the product. */
  bare: BareFormat | null
  /** Where the product may keep what makes the next load faster. */
  cache: string
}

/** What it tells when it is done. */
export interface Told {
  seconds: number
  /** CPU seconds of the loading process itself, its start excluded. */
  clientCpu: number | null
  /** Peak resident memory; of psql it is not known. */
  peakBytes: number | null
  /** Resident memory every quarter of a second. */
  memory: number[]
  /** What became of the rows; null for a bare COPY. */
  landed: Pick<FileLoad, 'rowsRead' | 'rowsNew' | 'rowsNewer' | 'rowsSame' | 'rowsRejected'> | null
}

/** One measurement, with the CPU seconds of every process of the server. */
export interface Outcome extends Told {
  serverCpu: number | null
}

export async function runErrand(
  server: BenchServer,
  errand: Errand,
  { psql }: { psql: boolean },
): Promise<Outcome> {
  await server.settle()
  const before = cpuWithChildren(server.pid())
  const told = errand.bare && psql ? withPsql(errand, errand.bare) : await inChild(errand)
  // What the load left dirty in the server's memory is part of its price.
  await server.settle()
  const after = cpuWithChildren(server.pid())
  return { ...told, serverCpu: before === null || after === null ? null : after - before }
}

function withPsql({ url, path }: Errand, format: BareFormat): Told {
  const before = cpuOfEndedChildren()
  const seconds = copyWithPsql(url, path, format)
  const after = cpuOfEndedChildren()
  const clientCpu = before === null || after === null ? null : after - before
  return { seconds, clientCpu, peakBytes: null, memory: [], landed: null }
}

const program = join(import.meta.dirname, 'case.process.ts')

/** The code comes compiled, as it does to every command of the product. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'recoup-bench-code') }

async function inChild(errand: Errand): Promise<Told> {
  const args = [program, JSON.stringify(errand)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    ({ stderr }: { stderr: string }) => {
      throw new Error(`The load of ${errand.path} failed:\n${stderr}`)
    },
  )
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Told
}
