import { createHash, X509Certificate } from 'node:crypto'

/** What a client and a server that see the same certificate both know: `tls-server-end-point`. */
export type ChannelBinding = Buffer

/** RFC 5929 defines it by the hash of the certificate's signature; without one there is no binding. */
export function channelBindingOf(certificate: string): ChannelBinding | undefined {
  const { raw, signatureAlgorithm = '' } = new X509Certificate(certificate)
  const [, bits] = /sha-?(\d+)/i.exec(signatureAlgorithm) ?? []
  // Where it was signed with SHA-1, the RFC says SHA-256.
  const hash = { 1: 'sha256', 256: 'sha256', 384: 'sha384', 512: 'sha512' }[bits ?? '']
  return hash === undefined ? undefined : createHash(hash).update(raw).digest()
}
