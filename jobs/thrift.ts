import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Keeps a process small while it has nothing to do. */
export interface Thrift extends Disposable {
  /** There is work to do: V8 optimises what is hot, which jobs/commands/worker.ts has put off until now. */
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
  let least = 0
  const look = () => {
    const { user, system } = process.cpuUsage(before)
    const isAtRest = (user + system) / 1000 < everyMs / 20
    if (isAtRest && process.memoryUsage.rss() > least + WORTHWHILE_BYTES) {
      giveBack()
      least = process.memoryUsage.rss()
    }
    before = process.cpuUsage()
  }
  const timer = setInterval(look, everyMs).unref()
  return {
    work() {
      setFlagsFromString('--turbofan')
      setFlagsFromString('--maglev')
      setFlagsFromString('--sparkplug')
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function giveBack() {
  // Also for the next start if this one is killed: with all code compiled it loads no compiler.
  flushCompileCache()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  // The flavor under which V8 lets go of empty pages at once.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
