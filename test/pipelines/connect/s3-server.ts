import crypto from 'node:crypto'

// @ts-expect-error it comes without types
import untyped from 's3rver'

/** A store that speaks S3, on a port of its own, with one bucket. */
export async function startS3(directory: string, bucket: string) {
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  })
  const { port } = await server.run()
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() }
}

const S3rver = untyped as new (options: object) => {
  run(): Promise<{ port: number }>
  close(): Promise<void>
}

// It hides its place in a long listing with DES, which OpenSSL 3 no longer knows by itself; three
// times DES with one key is the same.
type Cipher = (cipher: string, key: Buffer, iv: Buffer) => unknown
const known = crypto as unknown as Record<'createCipheriv' | 'createDecipheriv', Cipher>
for (const name of ['createCipheriv', 'createDecipheriv'] as const) {
  const make = known[name]
  known[name] = (cipher, key, iv) =>
    cipher === 'des'
      ? make('des-ede3-cbc', Buffer.concat([key, key, key]), iv)
      : make(cipher, key, iv)
}
