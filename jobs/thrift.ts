import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8's faster compilers, without which a process takes 10 MB less. */
const compilers = ['turbofan', 'maglev', 'sparkplug']

/** For the command line of a process that waits for work: it starts without them. */
export const withoutCompilers = compilers.map((name) => `--no-${name}`)

/** Keeps a process small while it has nothing to do. */
export interface Thrift extends Disposable {
  /** There is work to do: from now on V8 optimises what is hot. */
  work(): void
}

/** Less than this is not worth a collection. */
const WORTHWHILE_BYTES = 2_000_000

/**
 * Gives memory back to the machine whenever this process is at rest and has grown. V8 keeps what
 * starting up or a load needed, 30 MB and more, until it needs memory again, which at rest is never.
 */
export function beThrifty({ everyMs = 5_000 } = {}): Thrift {
  let before = process.cpuUsage()
  let kept = 0
  let isWorking = false
  const look = () => {
    const { user, system } = process.cpuUsage(before)
    const isAtRest = (user + system) / 1000 < everyMs / 20
    if (isAtRest && process.memoryUsage.rss() > kept + WORTHWHILE_BYTES) {
      giveBack()
      kept = process.memoryUsage.rss()
    }
    before = process.cpuUsage()
  }
  const timer = setInterval(look, everyMs).unref()
  return {
    work() {
      if (isWorking) return
      isWorking = true
      for (const name of compilers) setFlagsFromString(`--${name}`)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

let collect: NodeJS.GCFunction | undefined

function giveBack() {
  // Also for the next start if this one is killed: with all code compiled it loads no compiler.
  flushCompileCache()
  collect ??= collector()
  // The flavor under which V8 lets go of empty pages at once.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

function collector() {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as NodeJS.GCFunction
}
