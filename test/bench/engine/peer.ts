/** What BullMQ does by itself on the same queue: the engine cannot be compared with nothing. */
import { text } from 'node:stream/consumers'
import { join } from 'node:path'

import { startProcess } from './workers.ts'

/** What the peer is told. */
export interface PeerErrand {
  url: string
  redisUrl?: string | undefined
  /** Jobs in bulk, jobs that each add the next, and jobs at a time. */
  jobs: number
  hops: number
  slots: number
}

/** What it measured. */
export interface Peer {
  perSecond: number
  hopMs: number
}

const program = join(import.meta.dirname, 'peer.process.ts')

export async function measurePeer(errand: PeerErrand): Promise<Peer> {
  return JSON.parse(await text(startProcess(program, errand).stdout!)) as Peer
}
