/** How orders are paid and why attempts fail. */

export type Method = 'card' | 'wallet' | 'bnpl' | 'bank_transfer' | 'points'
export type Outcome = 'authorised' | 'declined' | 'error' | 'blocked' | 'challenged'

/** The groups declines are reported in. */
export const DECLINE_GROUPS = [
  'issuer_soft',
  'issuer_hard',
  'insufficient_funds',
  'fraud',
  'authentication',
  'technical',
  'partner_down',
  'unmapped',
] as const
export type DeclineGroup = (typeof DECLINE_GROUPS)[number]

/** The partners' codes that the reason feed explains. Z9 is sent too, and nobody has said what it means. */
export const declineCodes: Record<string, DeclineGroup> = {
  '05': 'issuer_soft',
  '62': 'issuer_soft',
  '14': 'issuer_hard',
  '41': 'issuer_hard',
  '54': 'issuer_hard',
  '51': 'insufficient_funds',
  '59': 'fraud',
  '1A': 'authentication',
  '96': 'technical',
  '91': 'technical',
  PD: 'partner_down',
}

/** Probability up to which each applies, ascending. */
const methods: [number, Method][] = [
  [0.6, 'card'],
  [0.8, 'wallet'],
  [0.9, 'bnpl'],
  [0.98, 'bank_transfer'],
  [1, 'points'],
]
const declines: [number, Outcome, string][] = [
  [0.28, 'declined', '05'],
  [0.34, 'declined', '62'],
  [0.42, 'declined', '14'],
  [0.45, 'declined', '41'],
  [0.5, 'declined', '54'],
  [0.74, 'declined', '51'],
  [0.81, 'declined', '59'],
  [0.9, 'declined', '1A'],
  [0.93, 'error', ''],
  [0.96, 'error', '91'],
  [0.985, 'declined', '96'],
  [0.996, 'error', 'PD'],
  [1, 'declined', 'Z9'],
]

/** The payment method a draw falls on. */
export const methodMix = (draw: number): Method =>
  methods.find(([upTo]) => draw < upTo)?.[1] ?? 'card'

/** The partner that is asked for a method. */
export function partnersOf(method: Method, draw: number): string {
  if (method === 'card') return draw < 0.6 ? 'acquirer_a' : 'acquirer_b'
  if (method === 'wallet') return 'wallet_w'
  if (method === 'bnpl') return 'later_l'
  return method === 'points' ? 'points_p' : 'bank_k'
}

/** Outcome and code of an attempt that fails; a fraud ring fails mostly as fraud. */
export function declineMix(draw: number, isRing: boolean): [Outcome, string] {
  if (isRing && draw < 0.85) return ['declined', '59']
  const found = declines.find(([upTo]) => draw < upTo)
  return found ? [found[1], found[2]] : ['declined', '05']
}

/** The group a failed attempt is reported in. */
export function declineGroupOf(outcome: Outcome, reason: string): DeclineGroup {
  if (reason === '') return outcome === 'error' ? 'technical' : 'unmapped'
  return declineCodes[reason] ?? 'unmapped'
}
