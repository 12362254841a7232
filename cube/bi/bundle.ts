import type {
  CreateDashboardCommandInput,
  CreateDataSetCommandInput,
  CreateDataSourceCommandInput,
} from '@aws-sdk/client-quicksight'

import { zip } from './zip.ts'

/** What QuickSight can import in one go. */
export interface Assets {
  dataSource: CreateDataSourceCommandInput
  dataSets: CreateDataSetCommandInput[]
  dashboards: CreateDashboardCommandInput[]
}

/**
 * An asset bundle as `aws quicksight start-asset-bundle-import-job` takes it: a file per asset, in a
 * folder by its kind. Names begin in lower case there, unlike those of the API.
 */
export function assetBundle({ dataSource, dataSets, dashboards }: Assets): Uint8Array {
  return zip([
    member('datasource', dataSource.DataSourceId, dataSource),
    ...dataSets.map((one) => member('dataset', one.DataSetId, one)),
    ...dashboards.map((one) => member('dashboard', one.DashboardId, one)),
  ])
}

function member(resourceType: string, id = '', asset: object) {
  const { AwsAccountId: _, ...rest } = asset as Record<string, unknown>
  const content = { resourceType, ...(camelCased(rest) as object) }
  return { path: `${resourceType}/${id}.json`, content: JSON.stringify(content, null, 2) }
}

/** The keys of these are names of ours, not of the API. */
const maps = new Set(['PhysicalTableMap', 'LogicalTableMap', 'FieldFolders'])

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [lowerFirst(key), inner(key, inside)]),
  )
}

function inner(key: string, inside: unknown): unknown {
  if (!maps.has(key)) return camelCased(inside)
  const entries = Object.entries(inside as object)
  return Object.fromEntries(entries.map(([name, one]) => [name, camelCased(one)]))
}

/** `DataSetId` -> `dataSetId`, `KPIVisual` -> `kpiVisual`. */
function lowerFirst(key: string): string {
  return key.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase())
}
