import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { wantsStacks } from '../terminal/mistakes.ts'
import { withoutCompilers } from '../thrift.ts'

/** What was typed after `recoup worker`. */
export interface WorkerCommand {
  /** Seconds that steps under way have to end. */
  grace: number
  /** The port of /healthz, /readyz and /metrics. */
  opsPort?: number
  opsHost: string
}

const code = fileURLToPath(new URL('../worker-process.ts', import.meta.url))

/**
 * `recoup worker`: takes steps until it is stopped; as many as wanted, on as many machines. It may
 * wait for hours, so this process becomes a smaller one that never had the command line in memory.
 */
export function worker(options: WorkerCommand) {
  const cache = getCompileCacheDir()
  process.execve!(
    process.execPath,
    [
      process.execPath,
      ...process.execArgv,
      ...withoutCompilers,
      code,
      JSON.stringify(options),
      ...(wantsStacks() ? ['--verbose'] : []),
    ],
    { ...process.env, ...(cache && { NODE_COMPILE_CACHE: dirname(cache) }) },
  )
}
