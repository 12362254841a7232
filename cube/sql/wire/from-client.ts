import { Refusal } from '../refusal.ts'
import { letters, misfit, mostBytes } from './client-letters.ts'
import { passes } from './passing.ts'
import { lengthAt, type Relay, writeAll } from './relay.ts'
import { rewrite, unexpected } from './rewriting.ts'

/** What may wait of a client that sends faster than is translated. */
const mostWaiting = 1024 ** 2

/** Messages of the client go to the warehouse in their order; texts of SQL are translated. */
export function relayMessages(relay: Relay, first: Buffer): void {
  const { client, backend } = relay
  const most = mostBytes(relay.limits)
  let chunks: Buffer[] = []
  let size = 0
  /** So many bytes make the next message complete. */
  let needed = 5
  /** What has to be waited for before the next message is looked at. */
  let holds = 0
  let out: Buffer[] = []

  client.on('data', receive)
  receive(first)

  function receive(chunk: Buffer) {
    if (relay.isOver) return
    chunks.push(chunk)
    size += chunk.length
    if (holds === 0 && size >= needed) advance()
    else if (holds > 0 && size > mostWaiting) client.pause()
  }

  /** Handles all messages that are complete, up to one that has to be waited for. */
  function advance() {
    try {
      handleComplete()
    } catch (error) {
      relay.end(error instanceof Refusal ? error : unexpected(relay, error))
    }
  }

  function handleComplete() {
    const data = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
    let at = 0
    let from = 0
    needed = 5
    // oxlint-disable-next-line no-unmodified-loop-condition -- what is replaced holds the rest
    while (holds === 0 && data.length - at >= 5) {
      const type = data[at]!
      const length = lengthAt(data, at + 1)
      if (length < 4 || length > most[type]!) {
        relay.end(misfit(type, length))
        return
      }
      const end = at + 1 + length
      if (end > data.length) {
        needed = end - at
        break
      }
      if (!passes(relay, type, data, at, end)) {
        out.push(data.subarray(from, at))
        from = end
        if (type === letters.terminate) {
          flush()
          relay.leave()
          return
        }
        replace(type, data.subarray(at, end))
      }
      at = end
    }
    if (from < at) out.push(data.subarray(from, at))
    chunks = at < data.length ? [data.subarray(at)] : []
    size = data.length - at
    flush()
  }

  function replace(type: number, whole: Buffer) {
    const goOn = hold()
    rewrite(relay, type, whole).then(
      (send) => goOn(() => out.push(...send())),
      (error: unknown) => relay.end(error instanceof Refusal ? error : unexpected(relay, error)),
    )
  }

  function flush() {
    const pieces = out.filter((piece) => piece.length > 0)
    out = []
    if (relay.isOver || writeAll(backend.stream, pieces)) return
    const goOn = hold()
    backend.stream.once('drain', () => goOn())
  }

  /** Nothing is handled until the function that it gives is called. */
  function hold() {
    holds++
    return (then?: () => void) => {
      if (relay.isOver) return
      holds--
      then?.()
      client.resume()
      if (holds === 0) advance()
    }
  }
}
