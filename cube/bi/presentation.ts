/** Fields to drill through, from the coarse to the fine. */
export interface Hierarchy {
  name: string
  fields: string[]
}

/** What the model has no words for: the measures to look at first, and how to drill. */
export interface Presentation {
  headlines: string[]
  hierarchies: Hierarchy[]
}

const presentations: Record<string, Presentation> = {
  appeals: {
    headlines: ['sla_attainment', 'appeals_received'],
    hierarchies: [{ name: 'Queue and reason', fields: ['queue', 'reason_code', 'level'] }],
  },
  contacts: {
    headlines: ['contact_cost_per_transaction', 'contacts_inbound'],
    hierarchies: [{ name: 'Place of work', fields: ['shore', 'site'] }],
  },
  fees: {
    headlines: ['recovery_cash_rate', 'fees_charged'],
    hierarchies: [
      { name: 'Stream and category', fields: ['stream', 'category'] },
      { name: 'Tier and seller', fields: ['seller_tier', 'seller_id', 'fee_id'] },
    ],
  },
  payments: {
    headlines: ['authorisation_rate_payment', 'payments_submitted'],
    hierarchies: [{ name: 'Partner and method', fields: ['partner', 'method'] }],
  },
}

/** Of a view that is not in the table: nothing to look at first, nothing to drill through. */
export function presentationOf(view: string): Presentation {
  return presentations[view] ?? { headlines: [], hierarchies: [] }
}
