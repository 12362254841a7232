import type { Duplex } from 'node:stream'

/** Reads a connection piece by piece, before it is relayed. */
export interface Reader {
  /** Waits for so many bytes. Whoever calls bounds the number. @throws when the connection ends first */
  read(bytes: number): Promise<Buffer>
  /** What has come and was not read. */
  unread(): number
  /** Stops reading; what had come already is given back. */
  release(): Buffer
}

export function createReader(stream: Duplex): Reader {
  let buffered: Buffer = Buffer.alloc(0)
  let waiting: (() => void) | undefined
  let ended = false
  const onData = (chunk: Buffer) => {
    buffered = buffered.length > 0 ? Buffer.concat([buffered, chunk]) : chunk
    // Nobody needs more before it has proven who it is.
    stream.pause()
    waiting?.()
  }
  const onEnd = () => {
    ended = true
    waiting?.()
  }
  const events = ['end', 'close', 'error'] as const
  stream.on('data', onData)
  for (const event of events) stream.on(event, onEnd)

  return {
    async read(bytes) {
      // oxlint-disable-next-line no-unmodified-loop-condition -- events modify it
      while (buffered.length < bytes && !ended) {
        const more = Promise.withResolvers<void>()
        waiting = more.resolve
        stream.resume()
        await more.promise
      }
      if (buffered.length < bytes) throw new ConnectionEnded()
      const piece = buffered.subarray(0, bytes)
      buffered = buffered.subarray(bytes)
      return piece
    },
    unread: () => buffered.length,
    release() {
      stream.pause()
      stream.off('data', onData)
      for (const event of events) stream.off(event, onEnd)
      return buffered
    },
  }
}

/** The other side went away; there is nobody to tell anything. */
export class ConnectionEnded extends Error {
  constructor() {
    super('The connection ended.')
    this.name = 'ConnectionEnded'
  }
}
