import { expect, test as base, vi } from 'vitest'

import { DEFAULT_ADDRESS } from '#cube/bi/address.ts'
import { type ApplyOptions, applyToQuickSight } from '#cube/bi/apply.ts'
import type { Assets } from '#cube/bi/bundle.ts'
import { quicksightAssets } from '#cube/bi/quicksight.ts'
import { readViews } from '#cube/bi/views.ts'

import { type Answer, quicksightServer, type Received } from './quicksight-server.ts'

const account = { accountId: '111122223333', region: 'eu-central-1' }
const views = (await readViews()).filter(({ name }) => name === 'fees')
const assets = quicksightAssets(views, DEFAULT_ADDRESS, account, ['direct'])
const [dataSet] = assets.dataSets
const [dashboard] = assets.dashboards

/** Of somebody who does not say who connects to the endpoint. */
const options: ApplyOptions = {
  region: account.region,
  principal: 'arn:aws:quicksight:eu-central-1:111122223333:user/default/ana',
  pause: 1,
}
const withPassword = { ...options, credentials: { user: 'quicksight', password: 'secret' } }

/** The calls reach a server of this test, with credentials that are nobody's. */
const test = base.extend('quicksight', ({}, { onCleanup }) => async (answer: Answer) => {
  const server = await quicksightServer(answer)
  vi.stubEnv('AWS_ENDPOINT_URL', server.url)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nobody')
  onCleanup(async () => {
    vi.unstubAllEnvs()
    await server.close()
  })
  return server.received
})

async function apply(chosen: ApplyOptions = withPassword, wanted: Assets = assets) {
  const outcomes: string[] = []
  for await (const { asset, outcome } of applyToQuickSight(wanted, chosen))
    outcomes.push(`${outcome}: ${asset}`)
  return outcomes
}

const asked = (received: Received[]) => received.map(({ method, path }) => `${method} ${path}`)

const home = '/accounts/111122223333'

/** A QuickSight that remembers what it was given. */
function remembering(there: Record<string, object> = {}): Answer {
  return ({ method, path, body }) => {
    const [, kind = '', id = ''] = /^\/accounts\/\d+\/([\w-]+)\/?([\w-]*)/.exec(path) ?? []
    if (method === 'POST') {
      there[kind] = body
      return { body: { VersionArn: 'arn/version/1' } }
    }
    if (method === 'PUT') {
      there[kind] = { ...there[kind], ...body }
      return { body: { VersionArn: 'arn/version/2' } }
    }
    const known = there[kind]
    if (!known || !id) return undefined
    if (kind === 'data-sources')
      return { body: { DataSource: { ...known, Status: 'CREATION_SUCCESSFUL' } } }
    if (kind === 'data-sets') return { body: { DataSet: known } }
    if (path.includes('/definition')) return { body: known }
    return { body: { Dashboard: { Version: { Status: 'CREATION_SUCCESSFUL' } } } }
  }
}

test('what is not there is created, in the order in which it is needed', async ({ quicksight }) => {
  const received = await quicksight(remembering())
  expect(await apply()).toEqual([
    'created: the data source recoup',
    'created: the data set recoup-fees',
    'created: the dashboard recoup-starter',
  ])
  expect(asked(received)).toEqual([
    `GET ${home}/data-sources/recoup`,
    `POST ${home}/data-sources`,
    `GET ${home}/data-sources/recoup`,
    `GET ${home}/data-sets/recoup-fees`,
    `POST ${home}/data-sets`,
    `GET ${home}/dashboards/recoup-starter/definition`,
    `POST ${home}/dashboards/recoup-starter`,
    `GET ${home}/dashboards/recoup-starter?version-number=1`,
  ])
  const bodies = received.filter(({ method }) => method === 'POST').map(({ body }) => body)
  expect(bodies[0]).toEqual({
    DataSourceId: 'recoup',
    Name: 'Recoup',
    Type: 'POSTGRESQL',
    DataSourceParameters: {
      PostgreSqlParameters: { Host: 'localhost', Port: 15432, Database: 'recoup' },
    },
    Credentials: { CredentialPair: { Username: 'quicksight', Password: 'secret' } },
    SslProperties: { DisableSsl: true },
    Permissions: [{ Principal: options.principal, Actions: expect.any(Array) }],
  })
  const { AwsAccountId: _, ...dataSetBody } = { ...dataSet }
  expect(bodies[1]).toMatchObject(dataSetBody)
  expect(bodies[2]).toMatchObject({
    Name: 'Recoup starter',
    Definition: JSON.parse(JSON.stringify(dashboard?.Definition)),
    Permissions: [{ Actions: expect.arrayContaining(['quicksight:QueryDashboard']) }],
  })
})

test('what is there as it should be is left alone', async ({ quicksight }) => {
  const received = await quicksight(remembering())
  await apply()
  received.length = 0
  expect(await apply(options)).toEqual([
    'unchanged: the data source recoup',
    'unchanged: the data set recoup-fees',
    'unchanged: the dashboard recoup-starter',
  ])
  expect(received.every(({ method }) => method === 'GET')).toBe(true)
})

test('what differs is updated, and an updated dashboard published', async ({ quicksight }) => {
  const received = await quicksight(remembering())
  await apply()
  received.length = 0
  const renamed = {
    ...assets,
    dashboards: assets.dashboards.map((one) => ({ ...one, Name: 'Recoup, second edition' })),
  }
  expect(await apply(withPassword, renamed)).toEqual([
    // Nobody can read back a password, so one that is given is always sent.
    'updated: the data source recoup',
    'unchanged: the data set recoup-fees',
    'updated: the dashboard recoup-starter',
  ])
  expect(asked(received.filter(({ method }) => method === 'PUT'))).toEqual([
    `PUT ${home}/data-sources/recoup`,
    `PUT ${home}/dashboards/recoup-starter`,
    `PUT ${home}/dashboards/recoup-starter/versions/2`,
  ])
})

// QuickSight takes away what an update does not name: all readers would have seen all rows.
test('an update keeps row-level security and the VPC that were set in QuickSight', async ({
  quicksight,
}) => {
  const security = { Arn: 'arn:rules', PermissionPolicy: 'GRANT_ACCESS' }
  const vpc = { VpcConnectionArn: 'arn:vpc' }
  const received = await quicksight(
    remembering({
      'data-sources': { Name: 'Another', VpcConnectionProperties: vpc },
      'data-sets': { Name: 'Another', RowLevelPermissionDataSet: security },
    }),
  )
  await apply()
  const [source, set] = received.filter(({ method }) => method === 'PUT')
  expect(source?.body).toMatchObject({ Name: 'Recoup', VpcConnectionProperties: vpc })
  expect(set?.body).toMatchObject({ Name: 'Recoup: Fees', RowLevelPermissionDataSet: security })
})

test('a new data source has to know who connects', async ({ quicksight }) => {
  await quicksight(remembering())
  await expect(apply(options)).rejects.toThrow(
    'QuickSight did not create the data source recoup. It is new there, so it has to know who connects: --secret-arn, or --user with the password in RECOUP_BI_PASSWORD.',
  )
})

test('a refusal names the thing and the reason', async ({ quicksight }) => {
  const remember = remembering()
  await quicksight((received) =>
    received.path.endsWith('/data-sets')
      ? { status: 403, type: 'AccessDeniedException', body: { Message: 'ana may not' } }
      : remember(received),
  )
  await expect(apply()).rejects.toThrow(
    'QuickSight did not create the data set recoup-fees. AccessDeniedException: ana may not',
  )
})

test('a connection that QuickSight cannot open is reported with its reason', async ({
  quicksight,
}) => {
  const remember = remembering()
  const asking = await quicksight((received) => {
    const answer = remember(received)
    const failed = { Status: 'CREATION_FAILED', ErrorInfo: { Message: 'no route to host' } }
    return received.path.includes('data-sources/') && answer
      ? { body: { DataSource: failed } }
      : answer
  })
  await expect(apply()).rejects.toThrow(
    'QuickSight did not create the data source recoup. It is CREATION_FAILED. no route to host',
  )
  // It is there now, but not as wanted: the next attempt must not call it unchanged.
  await expect(apply(options)).rejects.toThrow('QuickSight did not update the data source recoup.')
  expect(asking.some(({ method }) => method === 'PUT')).toBe(true)
})

test('a call that fails for a moment is made again', async ({ quicksight }) => {
  const remember = remembering()
  let failures = 1
  const received = await quicksight((one) =>
    failures-- > 0
      ? { status: 500, type: 'InternalFailureException', body: { Message: 'later' } }
      : remember(one),
  )
  expect(await apply()).toHaveLength(3)
  expect(asked(received).slice(0, 2)).toEqual([
    `GET ${home}/data-sources/recoup`,
    `GET ${home}/data-sources/recoup`,
  ])
})
