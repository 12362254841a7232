import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives memory back to the machine whenever this process has come to rest. V8 keeps what starting up or
 * a load needed, 30 MB and more, until it needs memory again, which at rest is never.
 */
export function giveBackAtRest({ everyMs = 5_000 } = {}): Disposable {
  let before = process.cpuUsage()
  let isDue = true
  const look = () => {
    const { user, system } = process.cpuUsage(before)
    const isAtRest = (user + system) / 1000 < everyMs / 20
    if (isAtRest && isDue) giveBack()
    isDue = !isAtRest
    before = process.cpuUsage()
  }
  const timer = setInterval(look, everyMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function giveBack() {
  // Also for the next start if this one is killed: with all code compiled it loads no compiler.
  flushCompileCache()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  // The flavor under which V8 lets go of empty pages at once.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
