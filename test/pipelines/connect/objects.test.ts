import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'

import { env } from '#kit/connect/connector.ts'
import { folder as folderOf } from '#kit/connect/folder.ts'
import { s3 } from '#kit/connect/s3.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { test as base } from './kit.ts'
import { startS3 } from './s3-server.ts'

const header = 'partner,partner_kind,contracted_on'
const partners = (...rows: string[]) => [header, ...rows, ''].join('\n')

const test = base.extend('bucket', async ({ folder }, { onCleanup }) => {
  const { endpoint, close } = await startS3(join(folder, 's3'), 'feeds')
  onCleanup(close)
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
  const client = new S3Client({
    endpoint,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  return {
    put: (Key: string, Body: string | Buffer) =>
      client.send(new PutObjectCommand({ Bucket: 'feeds', Key, Body })),
    remove: (Key: string) => client.send(new DeleteObjectCommand({ Bucket: 'feeds', Key })),
    env: { ENDPOINT: endpoint, KEY: 'S3RVER', SECRET: 'S3RVER' },
    from: (options: { glob?: string; bucket?: string; prefix?: string } = {}) =>
      s3({
        bucket: 'feeds',
        prefix: 'partners/',
        endpoint: env('ENDPOINT'),
        credentials: { accessKeyId: env('KEY'), secretAccessKey: env('SECRET') },
        ...options,
      }),
  }
})

test('every object of a bucket is loaded once, and what it is called is kept', async ({
  bucket,
  recoup,
  db,
}) => {
  const { env: variables } = bucket
  await bucket.put('partners/2026/10/a.csv', partners('p,bank,2024-01-01', 'q,spaceship,'))
  await bucket.put('partners/2026/11/b.csv.gz', gzipSync(partners('r,wallet,2024-01-01')))
  await bucket.put('partners/empty/', Buffer.alloc(0))
  await bucket.put('other/c.csv', partners('x,bank,2024-01-01'))

  expect(await recoup.pull(rawPartner, bucket.from(), { env: variables })).toMatchObject({
    origin: 's3://feeds/partners/',
    files: 2,
  })
  await recoup.load(rawPartner)
  expect(await recoup.rows(rawPartner)).toMatchObject([{ partner: 'p' }, { partner: 'r' }])
  expect(await db.selectFrom('raw.quarantine').select(['file', 'line']).execute()).toEqual([
    { file: 'partners-2026-10-a.csv', line: 3 },
  ])
  expect(await recoup.pull(rawPartner, bucket.from(), { env: variables })).toMatchObject({
    files: 0,
  })
})

test('what stands behind the thousand objects of one listing is found, too', async ({
  bucket,
  recoup,
}) => {
  const names = Array.from({ length: 1_003 }, (_, n) => `p${String(n).padStart(4, '0')}`)
  for (let from = 0; from < names.length; from += 50)
    await Promise.all(
      names
        .slice(from, from + 50)
        .map((name) => bucket.put(`partners/${name}.csv`, partners(`${name},bank,2024-01-01`))),
    )
  await recoup.pull(rawPartner, bucket.from({ glob: 'p{0990,1000,1001,1002}.csv' }), {
    env: bucket.env,
  })
  await recoup.load(rawPartner)
  const loaded = (await recoup.rows(rawPartner)).map(({ partner }) => partner)
  expect(loaded).toEqual(names.filter((name) => /0990|1000|1001|1002/.test(name)))
}, 60_000)

test('an object that was replaced is fetched again, and its newer rows stay', async ({
  bucket,
  recoup,
}) => {
  const fetch = async () => {
    await recoup.pull(rawPartner, bucket.from(), { env: bucket.env })
    await recoup.load(rawPartner)
    return await recoup.rows(rawPartner)
  }
  await bucket.put('partners/a.csv', partners('p,bank,2024-01-01'))
  expect(await fetch()).toMatchObject([{ partner_kind: 'bank' }])
  await bucket.put('partners/a.csv', partners('p,wallet,2024-01-01'))
  expect(await fetch()).toMatchObject([{ partner_kind: 'wallet' }])
  await bucket.remove('partners/a.csv')
  expect(await fetch()).toHaveLength(1)
})

test('only objects that match are taken', async ({ bucket, recoup }) => {
  await bucket.put('partners/a.csv', partners('p,bank,2024-01-01'))
  await bucket.put('partners/notes.txt', 'not a feed')
  await recoup.pull(rawPartner, bucket.from({ glob: '**/*.csv' }), { env: bucket.env })
  expect(recoup.files(rawPartner)).toEqual([expect.stringMatching(/-partners-a\.csv$/)])
})

test('a bucket that is not there, and a variable that is not set, are said in a sentence', async ({
  bucket,
  recoup,
}) => {
  const elsewhere = recoup.pull(rawPartner, bucket.from({ bucket: 'nowhere' }), { env: bucket.env })
  await expect(elsewhere).rejects.toThrow(
    'partner: s3://nowhere/partners/ cannot be read: There is no such bucket.',
  )
  await expect(recoup.pull(rawPartner, bucket.from(), { env: {} })).rejects.toThrow(
    "partner: the environment variable ENDPOINT is not set, and the feed's origin needs it.",
  )
})

const drop = base.extend('drop', ({ folder }) => {
  const root = join(folder, 'drop')
  mkdirSync(root)
  return {
    root,
    put(name: string, text: string, modified = new Date(Date.now() - 60_000)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
      utimesSync(join(root, name), modified, modified)
    },
  }
})

drop(
  'files of a folder and the folders in it are loaded once and stay there',
  async ({ drop: { root, put }, recoup }) => {
    const from = folderOf({ path: root, glob: '**/*.csv' })
    put('a.csv', partners('p,bank,2024-01-01'))
    put('2026/b.csv', partners('q,bank,2024-01-01'))
    put('.hidden.csv', 'not a feed')
    put('c.csv.part', 'not a feed')
    expect(await recoup.pull(rawPartner, from)).toMatchObject({ files: 2 })
    expect(await recoup.pull(rawPartner, from)).toMatchObject({ files: 0 })
    await recoup.load(rawPartner)
    expect(await recoup.rows(rawPartner)).toHaveLength(2)
    expect(readFileSync(join(root, 'a.csv'), 'utf8')).toContain('p,bank')
  },
)

drop(
  'a file that arrives with a date of years ago is new all the same',
  async ({ drop: { root, put }, recoup }) => {
    const from = folderOf({ path: root })
    put('a.csv', partners('p,bank,2024-01-01'))
    await recoup.pull(rawPartner, from)
    put('old.csv', partners('q,bank,2024-01-01'), new Date('2019-01-01'))
    expect(await recoup.pull(rawPartner, from)).toMatchObject({ files: 1 })
  },
)

drop(
  'a file that is still written to is left for the next time',
  async ({ drop: { root, put }, recoup }) => {
    put('a.csv', `${header}\np,ba`, new Date())
    expect(await recoup.pull(rawPartner, folderOf({ path: root }))).toMatchObject({ files: 0 })
    put('a.csv', partners('p,bank,2024-01-01'))
    expect(await recoup.pull(rawPartner, folderOf({ path: root }))).toMatchObject({ files: 1 })
  },
)

drop(
  'of files that were waiting the oldest is loaded first',
  async ({ drop: { root, put }, recoup }) => {
    put('a-new.csv', partners('p,wallet,2024-01-01'), new Date('2026-02-01'))
    put('b-old.csv', partners('p,bank,2024-01-01'), new Date('2026-01-01'))
    await recoup.pull(rawPartner, folderOf({ path: root }))
    await recoup.load(rawPartner)
    expect(await recoup.rows(rawPartner)).toMatchObject([{ partner_kind: 'wallet' }])
  },
)

drop(
  'with the cursor lost, or put back, everything comes again and nothing changes',
  async ({ drop: { root, put }, recoup }) => {
    const from = folderOf({ path: root })
    put('a.csv', partners('p,bank,2024-01-01'))
    await recoup.pull(rawPartner, from)
    await recoup.load(rawPartner)
    await recoup.pull(rawPartner, from, { again: true })
    expect(await recoup.load(rawPartner)).toMatchObject({ rows: 0, changed: false })
    expect(await recoup.rows(rawPartner)).toHaveLength(1)
  },
)

drop('a folder that is not there is said', async ({ drop: { root }, recoup }) => {
  renameSync(root, `${root}-away`)
  await expect(recoup.pull(rawPartner, folderOf({ path: root }))).rejects.toThrow(
    /^partner: the folder .*drop does not exist/,
  )
  rmSync(`${root}-away`, { recursive: true })
})
