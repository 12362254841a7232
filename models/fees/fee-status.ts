import { type Expression, sql } from 'kysely'

/** Where a fee stands. `overdue` is none of them: it follows from due_on and the day one asks. */
export const feeStatuses = [
  'disputed',
  'credit',
  'written_off',
  'collected',
  'cancelled',
  'sent_to_collections',
  'partly_collected',
  'charged',
] as const

type Amount = Expression<number>
type Instant = Expression<string | null>

/** Where a fee stands, from its sums and the last events that leave no sum. The first that holds. */
export const feeStatus = (fee: {
  outstanding: Amount
  charged: Amount
  cash: Amount
  writtenOff: Amount
  lastDisputed: Instant
  lastDisputeClosed: Instant
  sentToCollections: Instant
}) => sql<(typeof feeStatuses)[number]>`case
  when ${isOpenDispute(fee.lastDisputed, fee.lastDisputeClosed)} then 'disputed'
  when ${fee.outstanding} < 0 then 'credit'
  when ${fee.outstanding} = 0 and ${fee.writtenOff} > 0 then 'written_off'
  when ${fee.outstanding} = 0 and ${fee.cash} > 0 then 'collected'
  when ${fee.outstanding} = 0 then 'cancelled'
  when ${fee.sentToCollections} is not null then 'sent_to_collections'
  when ${fee.cash} > 0 then 'partly_collected'
  else 'charged'
end`

/** Whether the last thing heard of a dispute is that it was opened. */
export const isOpenDispute = (lastDisputed: Instant, lastClosed: Instant) =>
  sql<boolean>`(${lastDisputed} is not null and (${lastClosed} is null or ${lastClosed} < ${lastDisputed}))`
