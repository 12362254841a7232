import type { Client } from 'pg'

/** Asks and reads the answer, and keeps nothing of it. */
export async function drain(client: Client, sql: string) {
  const { connection } = client as unknown as { connection: { stream: NodeJS.ReadWriteStream } }
  const { stream } = connection
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[]
  stream.removeAllListeners('data')
  const text = Buffer.from(`${sql}\0`)
  const head = Buffer.alloc(5)
  head.write('Q')
  head.writeInt32BE(text.length + 4, 1)
  // ReadyForQuery is the last that comes.
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
  await new Promise<void>((resolve) => {
    const listen = (chunk: Buffer) => {
      if (!chunk.subarray(-6).equals(ready)) return
      stream.off('data', listen)
      resolve()
    }
    stream.on('data', listen)
    stream.write(Buffer.concat([head, text]))
  })
  for (const listener of listeners) stream.on('data', listener)
}
