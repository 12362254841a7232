import type { MarketplaceCode } from './marketplaces.ts'
import { offshoreShift } from './stories.ts'

export type Channel = 'voice' | 'chat' | 'email' | 'bot'

/** Why customers come: code, group, whether it is a defect of ours, weight, and whether it is easily settled. */
export interface ContactReason {
  code: string
  group: string
  isAvoidable: boolean
  weight: number
  isEasy: boolean
}

const reason = (
  code: string,
  group: string,
  isAvoidable: boolean,
  weight: number,
  isEasy: boolean,
): ContactReason => ({ code, group, isAvoidable, weight, isEasy })

/** The codes that the reason feed explains. */
export const contactReasons: readonly ContactReason[] = [
  reason('card_declined', 'payment_failed', true, 22, false),
  reason('payment_error', 'payment_failed', true, 10, false),
  reason('refund_missing', 'refund_status', true, 20, true),
  reason('refund_amount', 'refund_status', true, 8, true),
  reason('invoice_copy', 'invoice', false, 14, true),
  reason('change_card', 'account', false, 12, true),
  reason('charged_twice', 'billing', true, 8, false),
  reason('unknown_charge', 'billing', false, 6, false),
]

/** A code the desk uses and nobody has explained. */
export const unknownReason = reason('misc_7', 'unmapped', false, 0, false)

/** Why a customer comes; a failed payment on the day after an outage. */
export const reasonWeights = contactReasons.map((known) => [known, known.weight] as const)

export const channelWeights = [
  ['voice', 34],
  ['chat', 36],
  ['email', 22],
  ['bot', 8],
] as const

/** The site that answers. Before the shift a little of the easy work is offshore, after it most is. */
export function siteFor(
  marketplace: MarketplaceCode,
  day: number,
  isEasy: boolean,
  draw: number,
): string {
  if (marketplace === 'US') return 'SEA'
  if (marketplace === 'JP') return 'FUK'
  if (marketplace === 'SE') return 'LIS'
  const isShifted = day >= offshoreShift.from
  const offshore = isEasy ? (isShifted ? 0.74 : 0.2) : isShifted ? 0.4 : 0.04
  if (draw < offshore) return 'MNL'
  return marketplace === 'PL' || draw > 0.9 ? 'WAW' : 'LIS'
}

/** How likely an answered contact settles the matter. */
export function settles(site: string, isEasy: boolean): number {
  return (isEasy ? 0.87 : 0.74) - (site === 'MNL' ? 0.19 : 0)
}
