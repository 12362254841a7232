import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** The keys of SCRAM-SHA-256 that a password is checked by. */
export interface Verifier {
  iterations: number
  salt: Buffer
  storedKey: Buffer
  serverKey: Buffer
}

const ITERATIONS = 4096

/**
 * What is kept of a password, in the form of Postgres's own `pg_authid`:
 * `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
 */
export function makeVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** Reads what makeVerifier wrote. */
export function readVerifier(text: string): Verifier {
  const parts = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(text)
  if (!parts) throw new Error('A stored verifier is not of the form SCRAM-SHA-256$...')
  const [, iterations = '', salt = '', storedKey = '', serverKey = ''] = parts
  return {
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
  }
}

function hmac(key: Buffer, text: string) {
  return createHmac('sha256', key).update(text).digest()
}
