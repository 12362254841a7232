import type {
  InputColumn,
  InputColumnDataType,
  ResourcePermission,
} from '@aws-sdk/client-quicksight'

import type { BiField, FieldType } from './views.ts'

/** The account that the files are for; ARNs name it. */
export interface Account {
  accountId: string
  region: string
}

/** The account of AWS's own documentation; nobody has it. */
export const EXAMPLE_ACCOUNT: Account = { accountId: '111122223333', region: 'eu-central-1' }

/** Whether a data set asks the endpoint each time, or keeps the answer in SPICE. */
export type Form = 'direct' | 'spice'

export type Kind = 'datasource' | 'dataset' | 'dashboard'

export const DATA_SOURCE_ID = 'recoup'

export function dataSetId(view: string, form: Form): string {
  const name = view.replaceAll('_', '-')
  return form === 'spice' ? `recoup-${name}-spice` : `recoup-${name}`
}

export function dashboardId(form: Form): string {
  return form === 'spice' ? 'recoup-starter-spice' : 'recoup-starter'
}

export function arn({ accountId, region }: Account, kind: Kind, id: string): string {
  return `arn:aws:quicksight:${region}:${accountId}:${kind}/${id}`
}

const types: Record<FieldType, InputColumnDataType> = {
  string: 'STRING',
  boolean: 'BIT',
  integer: 'INTEGER',
  decimal: 'DECIMAL',
  day: 'DATETIME',
  instant: 'DATETIME',
}

/** A column as the endpoint has it. */
export function inputColumn({ name, type }: BiField): InputColumn {
  return { Name: name, Type: types[type] }
}

/** What an owner may do, in the words of QuickSight. */
export function ownership(kind: Kind, principal: string): ResourcePermission[] {
  return [{ Principal: principal, Actions: actions[kind].map((name) => `quicksight:${name}`) }]
}

const actions: Record<Kind, string[]> = {
  datasource: [
    'DescribeDataSource',
    'DescribeDataSourcePermissions',
    'PassDataSource',
    'UpdateDataSource',
    'DeleteDataSource',
    'UpdateDataSourcePermissions',
  ],
  dataset: [
    'DescribeDataSet',
    'DescribeDataSetPermissions',
    'PassDataSet',
    'DescribeIngestion',
    'ListIngestions',
    'CreateIngestion',
    'CancelIngestion',
    'UpdateDataSet',
    'DeleteDataSet',
    'UpdateDataSetPermissions',
  ],
  dashboard: [
    'DescribeDashboard',
    'ListDashboardVersions',
    'QueryDashboard',
    'UpdateDashboard',
    'DeleteDashboard',
    'DescribeDashboardPermissions',
    'UpdateDashboardPermissions',
    'UpdateDashboardPublishedVersion',
  ],
}
