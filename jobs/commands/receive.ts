import { once } from 'node:events'

import { feedName } from '#kit/read/header.ts'
import { sources } from '#pipelines/sources.ts'

import { homeOf } from '../home.ts'
import { interruption } from '../postgres/interruption.ts'
import { isReceived, startReceiver } from '../receive/receiver.ts'
import { several } from '../terminal/values.ts'

/** `recoup receive`: takes what is sent to the feeds that have a webhook, until it is stopped. */
export async function receive(options: { host: string; port: number }) {
  const feeds = sources.filter(isReceived)
  if (feeds.length === 0)
    throw new Error(
      'No feed has a webhook, so there is nothing to receive. How a feed is given one: docs/connectors.md',
    )
  using interrupted = interruption()
  const receiver = await startReceiver(homeOf(), feeds, options)
  if (receiver.recovered > 0)
    console.log(
      `${several(receiver.recovered, 'journal')} of a receiver that was killed recovered.`,
    )
  for (const feed of feeds) console.log(`POST ${receiver.url}/hooks/${feedName(feed)}`)
  if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort')
  await receiver.close()
}
