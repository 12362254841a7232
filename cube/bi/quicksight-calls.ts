import type {
  CreateDashboardCommandInput,
  CreateDataSetCommandInput,
  CreateDataSourceCommandInput,
  DataSourceCredentials,
  QuickSight,
} from '@aws-sdk/client-quicksight'

import type { ApplyOptions } from './apply.ts'
import type { Assets } from './bundle.ts'
import { ownership } from './quicksight-types.ts'

/** One thing that QuickSight is to have, with the calls that bring it there. */
export interface QuickSightAsset {
  /** Such as `the data set recoup-fees`. */
  name: string
  wanted: object
  /** Set where QuickSight does not show what it has, as with a password. */
  isAlwaysUpdated?: boolean
  /** What is there now, in the members of `wanted`; nothing where there is none. */
  find(): Promise<object | undefined>
  create(): Promise<unknown>
  update(): Promise<unknown>
  /** Asked after a change, until it says no. */
  isUnderWay?(): Promise<boolean>
  /** Makes an update what readers see. */
  publish?(): Promise<unknown>
}

/** In the order in which they need each other. */
export function assetsOf(assets: Assets, client: QuickSight, options: ApplyOptions) {
  return [
    dataSourceAsset(assets.dataSource, client, options),
    ...assets.dataSets.map((input) => dataSetAsset(input, client, options)),
    ...assets.dashboards.map((input) => dashboardAsset(input, client, options)),
  ]
}

function dataSourceAsset(
  input: CreateDataSourceCommandInput,
  client: QuickSight,
  { principal, credentials: given }: ApplyOptions,
): QuickSightAsset {
  const { AwsAccountId, DataSourceId, Type: _, ...wanted } = input
  const id = { AwsAccountId, DataSourceId }
  const Credentials = given && credentialsOf(given)
  const describe = async () => (await client.describeDataSource(id)).DataSource
  return {
    name: `the data source ${DataSourceId}`,
    wanted,
    isAlwaysUpdated: Credentials !== undefined,
    find: async () => unlessFailed(await describe().catch(unlessMissing)),
    create: async () => {
      if (!Credentials)
        throw new Error(
          'It is new there, so it has to know who connects: --secret-arn, or --user with the password in RECOUP_BI_PASSWORD.',
        )
      const Permissions = ownership('datasource', principal)
      return client.createDataSource({ ...input, Credentials, Permissions })
    },
    update: async () => {
      const { VpcConnectionProperties } = (await describe()) ?? {}
      const kept = VpcConnectionProperties && { VpcConnectionProperties }
      return client.updateDataSource({
        ...id,
        ...wanted,
        ...kept,
        ...(Credentials && { Credentials }),
      })
    },
    isUnderWay: async () => {
      const { Status, ErrorInfo } = (await describe()) ?? {}
      return isInProgress(Status, ErrorInfo?.Message)
    },
  }
}

function dataSetAsset(
  input: CreateDataSetCommandInput,
  client: QuickSight,
  { principal }: ApplyOptions,
): QuickSightAsset {
  const { AwsAccountId, DataSetId, ...wanted } = input
  const find = async () => (await client.describeDataSet({ AwsAccountId, DataSetId })).DataSet
  return {
    name: `the data set ${DataSetId}`,
    wanted,
    find: () => find().catch(unlessMissing),
    create: () => client.createDataSet({ ...input, Permissions: ownership('dataset', principal) }),
    // An update takes away what it does not name: what somebody set in QuickSight itself is sent again.
    update: async () => {
      const there = (await find()) as Record<string, unknown> | undefined
      const kept = setByHand.filter((name) => there?.[name] !== undefined)
      const again = Object.fromEntries(kept.map((name) => [name, there?.[name]]))
      return client.updateDataSet({ ...again, ...input })
    },
  }
}

/** Who sees which row and column of a data set, and the like; nothing of ours. */
const setByHand = [
  'RowLevelPermissionDataSet',
  'RowLevelPermissionTagConfiguration',
  'ColumnLevelPermissionRules',
  'ColumnGroups',
  'DataSetUsageConfiguration',
  'DatasetParameters',
  'PerformanceConfiguration',
]

function dashboardAsset(
  input: CreateDashboardCommandInput,
  client: QuickSight,
  { principal }: ApplyOptions,
): QuickSightAsset {
  const { AwsAccountId, DashboardId, ...wanted } = input
  const id = { AwsAccountId, DashboardId }
  let version: number | undefined
  const numbered = async (change: Promise<{ VersionArn?: string | undefined }>) => {
    version = Number((await change).VersionArn?.split('/').at(-1))
  }
  return {
    name: `the dashboard ${DashboardId}`,
    wanted,
    find: async () => {
      const there = await client.describeDashboardDefinition(id).catch(unlessMissing)
      return unlessFailed(there && { ...there, Status: there.ResourceStatus })
    },
    create: () =>
      numbered(
        client.createDashboard({ ...input, Permissions: ownership('dashboard', principal) }),
      ),
    update: () => numbered(client.updateDashboard(input)),
    isUnderWay: async () => {
      const { Dashboard } = await client.describeDashboard({ ...id, VersionNumber: version })
      const { Status, Errors = [] } = Dashboard?.Version ?? {}
      return isInProgress(Status, Errors.map(({ Message }) => Message).join(' '))
    },
    publish: () => client.updateDashboardPublishedVersion({ ...id, VersionNumber: version }),
  }
}

function credentialsOf(given: NonNullable<ApplyOptions['credentials']>): DataSourceCredentials {
  if ('secretArn' in given) return { SecretArn: given.secretArn }
  return { CredentialPair: { Username: given.user, Password: given.password } }
}

function isInProgress(status = '', reason = ''): boolean {
  if (status.endsWith('FAILED')) throw new Error(`It is ${status}. ${reason}`.trim())
  return status.endsWith('IN_PROGRESS')
}

/** Of what could not be made nothing counts as there, so that it is made again. */
function unlessFailed(there: { Status?: string | undefined } | undefined): object | undefined {
  return there?.Status?.endsWith('FAILED') ? {} : there
}

function unlessMissing(error: Error): undefined {
  if (error.name !== 'ResourceNotFoundException') throw error
}
