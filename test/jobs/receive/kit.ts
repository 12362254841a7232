import { randomUUID } from 'node:crypto'

import { env } from '#kit/connect/connector.ts'
import { signatureOf, webhook } from '#kit/connect/webhook.ts'
import type { ReceivedSource } from '#jobs/receive/receiver.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

export const secret = 'whsec_c2VjcmV0IG9mIHRoZSBsZWRnZXI='

/** Fee events that a ledger sends. */
export const feed: ReceivedSource = {
  ...rawFeeEvent,
  from: webhook({
    secret: env('LEDGER_SECRET'),
    maxBytes: 10_000,
    rotate: { bytes: 20_000, after: { seconds: 60 } },
  }),
}

/** A fee event as the contract has it. */
export function feeEvent(id: string, changes: Record<string, unknown> = {}) {
  return { ...rawFeeEvent.example, source_event_id: id, amount_minor: 5, ...changes }
}

interface Sent {
  id?: string
  timestamp?: number | string
  signature?: string
  secret?: string
}

/** Sends a body as a sender does that knows the secret. */
export async function send(url: string, body: unknown, given: Sent = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const { id = randomUUID(), timestamp = Math.floor(Date.now() / 1000) } = given
  const right = signatureOf(given.secret ?? secret, id, `${timestamp}`, text).toString('base64')
  const response = await fetch(`${url}/hooks/fee_event`, {
    method: 'POST',
    body: text,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': given.signature ?? `v1,${right}`,
    },
  })
  const { message } = (await response.json()) as { message: string }
  return { status: response.status, message }
}
