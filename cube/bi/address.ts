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

/** On the same machine the endpoint needs no certificate, for any other it does. */
export function wantsTls(host: string): boolean {
  return host !== 'localhost' && !host.startsWith('127.')
}
