import { matchesGlob } from 'node:path'
import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import {
  type Delivery,
  type Duration,
  named,
  type Pull,
  type Puller,
  reveal,
  type Setting,
  usualEvery,
} from './connector.ts'
import { isUnfinished, newObjects, type StoredObject } from './objects.ts'

/** An object dates from when its upload began; uploads in parts may take days. */
const windowMs = 7 * 24 * 60 * 60 * 1000

interface Options {
  bucket: Setting
  /** Only objects whose key begins so. */
  prefix?: string
  /** Which of them, from the prefix on. */
  glob?: string
  region?: string
  /** The address of a store that speaks S3 and is not Amazon's; the bucket then goes into the path. */
  endpoint?: Setting
  /** Left out: wherever the AWS SDK looks (environment, shared files, the machine's role). */
  credentials?: { accessKeyId: Setting; secretAccessKey: Setting }
  every?: Duration
}

/** Objects of an S3-compatible bucket, each as it is; they stay there. */
export function s3(options: Options): Puller {
  const { bucket, prefix = '', glob, every = usualEvery } = options
  return {
    kind: 'pull',
    origin: `s3://${named(bucket)}/${prefix}${glob ?? ''}`,
    every,
    async *fetch(pull) {
      const client = await connect(options, pull)
      const place = { client, bucket: reveal(bucket, pull), prefix }
      try {
        const listing = await list(place, pull.signal)
        const wanted = glob
          ? listing.filter(({ key }) => matchesGlob(key.slice(prefix.length), glob))
          : listing
        yield* newObjects(wanted, pull, {
          windowMs,
          open: (object) => open(place, object, pull.signal),
        })
      } catch (cause) {
        throw explained(cause, pull.feed, `s3://${place.bucket}/${prefix}`)
      } finally {
        client.destroy()
      }
    },
  }
}

interface Place {
  client: S3Client
  bucket: string
  prefix: string
}

interface Listed extends StoredObject {
  etag: string
  bytes: number
}

/** The SDK is large: loaded by whoever pulls, not by whoever defines a feed. */
async function connect({ region, endpoint, credentials }: Options, pull: Pull) {
  const { S3Client: Client } = await import('@aws-sdk/client-s3')
  return new Client({
    region: region ?? pull.env.AWS_REGION ?? 'us-east-1',
    // Other stores do not know the checksums that Amazon added later.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint && { endpoint: reveal(endpoint, pull), forcePathStyle: true }),
    ...(credentials && {
      credentials: {
        accessKeyId: reveal(credentials.accessKeyId, pull),
        secretAccessKey: reveal(credentials.secretAccessKey, pull),
      },
    }),
  })
}

async function list({ client, bucket, prefix }: Place, signal: AbortSignal): Promise<Listed[]> {
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3')
  const found: Listed[] = []
  const pages = paginateListObjectsV2(
    { client, stopOnSameToken: true },
    { Bucket: bucket, Prefix: prefix },
    { abortSignal: signal },
  )
  for await (const { Contents = [] } of pages)
    for (const { Key: key = '', ETag: etag = '', LastModified, Size: bytes = 0 } of Contents) {
      if (isUnfinished(key)) continue
      const modifiedMs = LastModified?.getTime() ?? 0
      found.push({ key, tag: `${etag}/${modifiedMs}`, etag, modifiedMs, bytes })
    }
  return found
}

async function open(
  { client, bucket }: Place,
  { key, etag }: Listed,
  signal: AbortSignal,
): Promise<Delivery['content'] | null> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3')
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag && { IfMatch: etag }) })
  try {
    const { Body, ContentLength } = await client.send(command, { abortSignal: signal })
    return whole(Body as Readable, key, ContentLength)
  } catch (error) {
    const isGone = ['NoSuchKey', 'NotFound', 'PreconditionFailed']
    if (error instanceof Error && isGone.includes(error.name)) return null
    throw error
  }
}

/** The bytes of an object; a connection that ends early is no end of the object. */
async function* whole(body: Readable, key: string, expected: number | undefined) {
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    yield chunk
  }
  if (expected !== undefined && bytes !== expected)
    throw new Error(`${key} ended after ${bytes} of ${expected} bytes.`)
}

function explained(cause: unknown, feed: string, origin: string): unknown {
  const { name, message } = cause as Error
  const hints: Record<string, string> = {
    NoSuchBucket: 'There is no such bucket. Correct it in the definition of the feed.',
    AccessDenied: 'The credentials may not list or read it: s3:ListBucket and s3:GetObject.',
    SignatureDoesNotMatch: 'The secret access key is not the right one.',
    InvalidAccessKeyId: 'The access key is not known there.',
    CredentialsProviderError:
      'There are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.',
  }
  if (name === 'AbortError') return cause
  return new Error(
    `${feed}: ${origin} cannot be read: ${hints[name] ?? `${message || name}.`} ` +
      `Then: npx recoup pull ${feed}`,
    { cause },
  )
}
