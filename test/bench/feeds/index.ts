import { feedName } from '#kit/read/header.ts'

import type { MadeUp } from './made-up.ts'
import { marketplaceFees } from './marketplace-fee.ts'
import { paymentEvents } from './payment-event.ts'

const feeds = [marketplaceFees, paymentEvents]

/** The made-up feed of this name. */
export function madeUp(name: string): MadeUp {
  const found = feeds.find(({ source }) => feedName(source) === name)
  if (found) return found
  const names = feeds.map(({ source }) => feedName(source))
  throw new Error(`--feed ${name} cannot be measured. Choose one of ${names.join(', ')}.`)
}
