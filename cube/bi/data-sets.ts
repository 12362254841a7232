import type {
  CreateDataSetCommandInput,
  CreateDataSourceCommandInput,
  FieldFolder,
  PhysicalTable,
  TransformOperation,
} from '@aws-sdk/client-quicksight'

import { type Address, SCHEMA } from './address.ts'
import { described } from './notes.ts'
import { type Account, arn, DATA_SOURCE_ID, dataSetId, type Form } from './quicksight-types.ts'
import { inputColumn } from './quicksight-types.ts'
import { spiceExpression, spiceFields, spiceSql } from './spice.ts'
import type { BiField, BiView } from './views.ts'

/** The connection to the endpoint, without who connects: that is a secret of the account. */
export function dataSource(
  { host, port, database, tls }: Address,
  { accountId }: Account,
): CreateDataSourceCommandInput {
  return {
    AwsAccountId: accountId,
    DataSourceId: DATA_SOURCE_ID,
    Name: 'Recoup',
    Type: 'POSTGRESQL',
    DataSourceParameters: { PostgreSqlParameters: { Host: host, Port: port, Database: database } },
    SslProperties: { DisableSsl: !tls },
  }
}

/** A view as a data set: titles for names, descriptions, folders. */
export function dataSet(view: BiView, account: Account, form: Form): CreateDataSetCommandInput {
  const fields = form === 'spice' ? spiceFields(view) : view.fields
  const id = dataSetId(view.name, form)
  return {
    AwsAccountId: account.accountId,
    DataSetId: id,
    Name: form === 'spice' ? `Recoup: ${view.title} (SPICE)` : `Recoup: ${view.title}`,
    ImportMode: form === 'spice' ? 'SPICE' : 'DIRECT_QUERY',
    PhysicalTableMap: { [id]: physicalTable(view, fields, account, form) },
    LogicalTableMap: {
      [id]: {
        Alias: view.title,
        Source: { PhysicalTableId: id },
        DataTransforms: [
          ...fields.filter(({ name, title }) => name !== title).map(renamed),
          ...fields.flatMap((field) => tagged(field, view)),
        ],
      },
    },
    FieldFolders: fieldFolders(view, fields),
  }
}

function physicalTable(
  view: BiView,
  fields: BiField[],
  account: Account,
  form: Form,
): PhysicalTable {
  const DataSourceArn = arn(account, 'datasource', DATA_SOURCE_ID)
  const columns = fields.map(inputColumn)
  if (form === 'spice') {
    const SqlQuery = spiceSql(view)
    return { CustomSql: { DataSourceArn, Name: view.name, SqlQuery, Columns: columns } }
  }
  return {
    RelationalTable: { DataSourceArn, Schema: SCHEMA, Name: view.name, InputColumns: columns },
  }
}

function renamed({ name, title }: BiField): TransformOperation {
  return { RenameColumnOperation: { ColumnName: name, NewColumnName: title } }
}

function tagged(field: BiField, view: BiView): TransformOperation[] {
  const Text = [described(field), spiceNote(field, view)].filter(Boolean).join(' ')
  if (!Text) return []
  return [
    { TagColumnOperation: { ColumnName: field.title, Tags: [{ ColumnDescription: { Text } }] } },
  ]
}

/** Of a measure that SPICE cannot keep: whether it can be worked out from what SPICE keeps. */
function spiceNote(field: BiField, view: BiView): string {
  if (!field.measure || field.measure.additivity === 'additive') return ''
  const expression = spiceExpression(field, view)
  return expression ? `In SPICE: ${expression}` : 'Not in SPICE.'
}

function fieldFolders(view: BiView, fields: BiField[]): Record<string, FieldFolder> {
  const folders = view.folders.map(({ name, fields: names }) => {
    const inside = fields.filter((field) => names.includes(field.name))
    return [name, { columns: inside.map(({ title }) => title) }] as const
  })
  return Object.fromEntries(folders.filter(([, { columns }]) => columns.length > 0))
}
