import type { ChannelName } from './names.ts'
import type { Letter } from './notice.ts'
import { UndeliveredError } from './undelivered.ts'

/** A way to tell people. */
export interface Channel {
  name: ChannelName
  /** Where it leads, in words that hold no secret. */
  to: string
  /**
   * Sends one notice; throws an UndeliveredError when it did not arrive. The result is what else is
   * worth knowing, such as one of several addresses that was refused.
   */
  send: (letter: Letter, signal: AbortSignal) => Promise<string | undefined>
}

/** The same channel, which gives up a try after so long. */
export function inTime(channel: Channel, timeoutMs: number): Channel {
  return {
    ...channel,
    async send(letter, signal) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        return await channel.send(letter, AbortSignal.any([signal, timeout]))
      } catch (cause) {
        signal.throwIfAborted()
        if (!timeout.aborted) throw cause
        const seconds = timeoutMs / 1000
        throw new UndeliveredError(`${channel.to} did not answer within ${seconds} s.`, { cause })
      }
    },
  }
}
