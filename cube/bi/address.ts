/** Where BI tools find the SQL endpoint. */
export interface Address {
  host: string
  port: number
  database: string
  /** Whether to ask for TLS. */
  tls: boolean
}

/** The schema that has one relation per view. */
export const SCHEMA = 'bi'

export const DEFAULT_ADDRESS: Address = {
  host: 'localhost',
  port: 15432,
  database: 'recoup',
  tls: true,
}
