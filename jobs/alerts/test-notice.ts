import { randomUUID } from 'node:crypto'

import type { Channel } from './channel.ts'

/** Whether a test notice arrived through one channel. */
export interface Tested {
  channel: string
  to: string
  /** Why it did not arrive, or null. */
  error: string | null
  /** What else the channel said, such as an address that was refused. */
  remark: string | null
}

/** Sends one notice through every channel at once, without the outbox: whoever tests waits for it. */
export async function sendTestNotice(
  channels: readonly Channel[],
  { signal }: { signal: AbortSignal },
): Promise<Tested[]> {
  const now = new Date().toISOString()
  const letter = {
    id: randomUUID(),
    notice: {
      kind: 'test' as const,
      key: 'test',
      severity: 'warning' as const,
      title: 'Recoup can reach you here',
      body: 'Somebody asked for this with: npx recoup alerts test. Nothing is wrong.',
      about: {},
      since: now,
      at: now,
      times: 1,
    },
  }
  return await Promise.all(
    channels.map(async (channel) => {
      const { name, to } = channel
      return await channel.send(letter, signal).then(
        (remark) => ({ channel: name, to, error: null, remark: remark ?? null }),
        ({ message }: Error) => ({ channel: name, to, error: message, remark: null }),
      )
    }),
  )
}
