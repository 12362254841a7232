import type { Backend } from './backend.ts'
import { message } from './messages.ts'

const everyMs = 500
const mostTries = 10

/**
 * Ends a session of the warehouse at once. What it runs is cancelled; again if need be, for a
 * statement that was sent a moment ago may begin only after it was to be cancelled.
 */
export async function releaseBackend(
  { stream, cancel }: Backend,
  { isBusy }: { isBusy: boolean },
): Promise<void> {
  if (stream.closed) return
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
  stream.removeAllListeners('data')
  stream.resume()
  stream.end(message('X'))
  for (let tries = 0; tries < mostTries && !stream.closed; tries++) {
    if (isBusy) await cancel()
    await Promise.race([closed, pause(everyMs)])
  }
  stream.destroy()
}

function pause(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
