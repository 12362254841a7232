import type {
  CalculatedField,
  ColumnConfiguration,
  CreateDashboardCommandInput,
  DashboardVersionDefinition,
  SheetDefinition,
} from '@aws-sdk/client-quicksight'

import { barByMarketplace, formatOf, kpi, type Shown, lineByWeek, placed } from './visuals.ts'
import { type Account, arn, dashboardId, dataSetId, type Form } from './quicksight-types.ts'
import { spiceExpression, spiceFields } from './spice.ts'
import { type BiView, isMeasure, isNumber } from './views.ts'

/** A dashboard to begin with: a sheet per view, with its headline measures now, by week, by marketplace. */
export function starterDashboard(
  views: BiView[],
  account: Account,
  form: Form,
): CreateDashboardCommandInput {
  const shown = views.filter((view) => headlinesOf(view, form).length > 0)
  return {
    AwsAccountId: account.accountId,
    DashboardId: dashboardId(form),
    Name: form === 'spice' ? 'Recoup starter (SPICE)' : 'Recoup starter',
    Definition: definition(shown, account, form),
  }
}

function definition(views: BiView[], account: Account, form: Form): DashboardVersionDefinition {
  return {
    DataSetIdentifierDeclarations: views.map((view) => ({
      Identifier: view.name,
      DataSetArn: arn(account, 'dataset', dataSetId(view.name, form)),
    })),
    Sheets: views.map((view) => sheet(view, form)),
    CalculatedFields: form === 'spice' ? views.flatMap(calculatedFields) : [],
    ColumnConfigurations: views.flatMap((view) => columnFormats(view, form)),
    Options: { WeekStart: 'MONDAY' },
  }
}

function sheet(view: BiView, form: Form): SheetDefinition {
  const headlines = headlinesOf(view, form)
  const visuals = headlines.flatMap((headline) => [
    kpi(headline, view),
    lineByWeek(headline, view),
    barByMarketplace(headline, view),
  ])
  return { SheetId: view.name, Name: view.title, Title: view.description, ...placed(visuals) }
}

/** The measures on the sheet; in SPICE a ratio is there only if it can be worked out again. */
function headlinesOf(view: BiView, form: Form): Shown[] {
  return view.headlines.filter(isMeasure).flatMap((field): Shown[] => {
    if (form === 'direct') {
      const aggregation = field.measure.additivity === 'non_additive' ? 'AVERAGE' : 'SUM'
      return [{ field, aggregation }]
    }
    if (spiceFields(view).includes(field)) return [{ field, aggregation: 'SUM' }]
    return spiceExpression(field, view) ? [{ field }] : []
  })
}

/** The ratios that can be worked out over what SPICE keeps, once rows are grouped. */
function calculatedFields(view: BiView): CalculatedField[] {
  return view.fields.flatMap((field) => {
    const Expression = spiceExpression(field, view)
    return Expression ? [{ DataSetIdentifier: view.name, Name: field.title, Expression }] : []
  })
}

function columnFormats(view: BiView, form: Form): ColumnConfiguration[] {
  const there = form === 'spice' ? spiceFields(view) : view.fields
  const fields = view.fields.filter(
    (field) => there.includes(field) || (form === 'spice' && spiceExpression(field, view)),
  )
  return fields
    .filter(isMeasure)
    .filter(isNumber)
    .map((field) => ({
      Column: { DataSetIdentifier: view.name, ColumnName: field.title },
      FormatConfiguration: { NumberFormatConfiguration: { FormatConfiguration: formatOf(field) } },
    }))
}
