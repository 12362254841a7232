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
  tls: false,
}

/** Whether an address leads to this machine, where nobody listens on the way. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
