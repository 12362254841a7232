import { sql } from 'kysely'

import type { FEE_EVENT_TYPES } from '#pipelines/fees/fee-event.ts'

type FeeEventType = (typeof FEE_EVENT_TYPES)[number]

/** Which way an event moves a fee's sums, per unit of its amount. */
export interface Effect {
  /** The sign an event's amount is shown with. */
  sign: 1 | -1
  charge: number
  cash: number
  collected: number
  refunded: number
  write_off: number
}

const none = { sign: 1, charge: 0, cash: 0, collected: 0, refunded: 0, write_off: 0 } as const

/** The fixed table of what every event does. Outstanding is charge less cash less write-off. */
const effects: Record<FeeEventType, Effect> = {
  charged: { ...none, charge: 1 },
  adjusted: { ...none, charge: 1 },
  waived: { ...none, sign: -1, charge: -1 },
  collected: { ...none, cash: 1, collected: 1 },
  collection_reversed: { ...none, sign: -1, cash: -1, collected: -1 },
  refunded: { ...none, sign: -1, cash: -1, refunded: 1 },
  written_off: { ...none, write_off: 1 },
  // Money after the write-off: it is cash, and the loss was that much smaller.
  recovered: { ...none, cash: 1, collected: 1, write_off: -1 },
  collection_failed: none,
  disputed: none,
  dispute_closed: none,
  sent_to_collections: none,
}

const rows = Object.entries(effects).map(([type, effect]) => {
  const { sign, charge, cash, collected, refunded, write_off } = effect
  const factors = [sign, charge, cash, collected, refunded, write_off].map((n) => sql.lit(n))
  return sql`(${sql.lit(type)}, ${sql.join(factors)})`
})

/** The table of effects, to join to events as `effect`. */
export const effect = sql<
  Effect & { event_type: FeeEventType }
>`(values ${sql.join(rows)})`.as<'effect'>(
  sql`effect (event_type, sign, charge, cash, collected, refunded, write_off)`,
)
