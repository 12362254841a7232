import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { wantsStacks } from '../terminal/mistakes.ts'

/** What was typed after `recoup worker`. */
export interface WorkerCommand {
  /** Seconds that steps under way have to end. */
  grace: number
  /** The port of /healthz, /readyz and /metrics. */
  opsPort?: number
  opsHost: string
}

/** Without them V8 takes 10 MB less; jobs/thrift.ts has them back once there is work. */
const fasterCompilers = ['turbofan', 'maglev', 'sparkplug']

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
      ...fasterCompilers.map((name) => `--no-${name}`),
      code,
      JSON.stringify(options),
      ...(wantsStacks() ? ['--verbose'] : []),
    ],
    { ...process.env, ...(cache && { NODE_COMPILE_CACHE: dirname(cache) }) },
  )
}
