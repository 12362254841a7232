import { connect, type Socket } from 'node:net'

import { startUp } from './raw-messages.ts'
import { signInByHand } from './sign-in-by-hand.ts'

/** Who signs in when nobody else is named. */
export const ada = { user: 'ada', password: 'a pass word' }

export interface Message {
  type: string
  content: Buffer
}

/** A connection that is spoken with byte for byte. */
export function openRaw(port: number) {
  const socket: Socket = connect(port, '127.0.0.1')
  let buffered = Buffer.alloc(0)
  let isClosed = false
  let wake = () => {}
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    wake()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const has = () => buffered.length >= 5 && buffered.length > buffered.readInt32BE(1)
  return {
    socket,
    /** The next message; undefined once the server has closed. */
    async next(): Promise<Message | undefined> {
      // oxlint-disable-next-line no-unmodified-loop-condition -- events modify it
      while (!has() && !isClosed) await more()
      if (!has()) return undefined
      const end = 1 + buffered.readInt32BE(1)
      const message = {
        type: String.fromCharCode(buffered[0]!),
        content: buffered.subarray(5, end),
      }
      buffered = buffered.subarray(end)
      return message
    },
    /** All up to ReadyForQuery, or to the end. */
    async untilReady(): Promise<Message[]> {
      const messages: Message[] = []
      for (;;) {
        const message = await this.next()
        if (!message) return messages
        messages.push(message)
        if (message.type === 'Z') return messages
      }
    },
    closed: async () => {
      // oxlint-disable-next-line no-unmodified-loop-condition -- events modify it
      while (!isClosed) await more()
      return buffered
    },
  }
}

/** A signed-in session that is spoken with byte for byte. */
export async function openRawSession(port: number, { user, password } = ada) {
  const raw = openRaw(port)
  raw.socket.write(startUp({ user, database: 'recoup' }))
  await signInByHand(raw, password)
  await raw.untilReady()
  return raw
}

/** What was answered, by letters; of an error its SQLSTATE and of the end the transaction's state. */
export function inShort(messages: readonly Message[]): string {
  return messages
    .map(({ type, content }) => {
      if (type === 'E') return `E${/C(\w{5})/.exec(content.toString('latin1'))?.[1]}`
      return type === 'Z' ? `Z${content.toString()}` : type
    })
    .join(' ')
}
