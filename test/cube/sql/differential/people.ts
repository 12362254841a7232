/** Somebody who asks the endpoint, and what the answers may be of. */
export interface Person {
  name: string
  context: { groups: string[]; marketplaces: string[] | null }
  /** Columns that say 'masked' to this person: `fees.seller_id`. */
  hidden: string[]
}

export const people: Person[] = [
  { name: 'anna', context: { groups: ['admin'], marketplaces: null }, hidden: [] },
  { name: 'fritz', context: { groups: ['admin'], marketplaces: ['DE', 'FR'] }, hidden: [] },
  {
    name: 'vera',
    context: { groups: ['viewer'], marketplaces: ['US', 'JP'] },
    hidden: [
      'fees.seller_id',
      'fees.fee_id',
      'payments.payment_id',
      'appeals.case_id',
      'contacts.contact_id',
    ],
  },
]
