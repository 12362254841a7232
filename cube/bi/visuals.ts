import type {
  DimensionField,
  GridLayoutElement,
  MeasureField,
  NumericFormatConfiguration,
  SheetDefinition,
  Visual,
  VisualTitleLabelOptions,
} from '@aws-sdk/client-quicksight'

import type { BiField, BiMeasure, BiView } from './views.ts'

/** A measure in a visual; without an aggregation it is a calculated field that has its own. */
export interface Shown {
  field: BiMeasure
  aggregation?: 'SUM' | 'AVERAGE'
}

export function kpi(shown: Shown, view: BiView): Visual {
  const VisualId = `${view.name}-${shown.field.name}-kpi`
  return {
    KPIVisual: {
      VisualId,
      Title: title(shown.field.title),
      ChartConfiguration: { FieldWells: { Values: [value(shown, view, VisualId)] } },
    },
  }
}

export function lineByWeek(shown: Shown, view: BiView): Visual {
  const VisualId = `${view.name}-${shown.field.name}-by-week`
  const week: DimensionField = {
    DateDimensionField: { ...column(view, 'day', VisualId), DateGranularity: 'WEEK' },
  }
  return {
    LineChartVisual: {
      VisualId,
      Title: title(`${shown.field.title} by week`),
      ChartConfiguration: {
        FieldWells: {
          LineChartAggregatedFieldWells: {
            Category: [week],
            Values: [value(shown, view, VisualId)],
          },
        },
      },
    },
  }
}

export function barByMarketplace(shown: Shown, view: BiView): Visual {
  const VisualId = `${view.name}-${shown.field.name}-by-marketplace`
  const marketplace = { CategoricalDimensionField: column(view, 'marketplace', VisualId) }
  return {
    BarChartVisual: {
      VisualId,
      Title: title(`${shown.field.title} by marketplace`),
      ChartConfiguration: {
        FieldWells: {
          BarChartAggregatedFieldWells: {
            Category: [marketplace],
            Values: [value(shown, view, VisualId)],
          },
        },
        Orientation: 'HORIZONTAL',
      },
    },
  }
}

/** The visuals of a sheet, three in a row of QuickSight's 36 columns. */
export function placed(visuals: Visual[]): Pick<SheetDefinition, 'Visuals' | 'Layouts'> {
  const Elements = visuals.map((visual, index): GridLayoutElement => ({
    ElementId: idOf(visual),
    ElementType: 'VISUAL',
    ColumnIndex: (index % 3) * 12,
    ColumnSpan: 12,
    RowIndex: Math.floor(index / 3) * 10,
    RowSpan: 10,
  }))
  return { Visuals: visuals, Layouts: [{ Configuration: { GridLayout: { Elements } } }] }
}

/** Percentages and money as what they are; other numbers with a decimal where they have one. */
export function formatOf({ type, measure }: BiMeasure): NumericFormatConfiguration {
  const { unit, currency = 'EUR' } = measure
  const decimals = (DecimalPlaces: number) => ({ DecimalPlacesConfiguration: { DecimalPlaces } })
  if (unit === 'percent') return { PercentageDisplayFormatConfiguration: decimals(1) }
  if (unit.startsWith('money'))
    return { CurrencyDisplayFormatConfiguration: { Symbol: currency, ...decimals(2) } }
  return { NumberDisplayFormatConfiguration: decimals(type === 'integer' ? 0 : 1) }
}

function value({ field, aggregation }: Shown, view: BiView, visual: string): MeasureField {
  return {
    NumericalMeasureField: {
      ...column(view, field.name, visual),
      ...(aggregation && { AggregationFunction: { SimpleNumericalAggregation: aggregation } }),
    },
  }
}

function column({ name, fields }: BiView, wanted: string, visual: string) {
  const field: BiField | undefined = fields.find((one) => one.name === wanted)
  if (!field) throw new Error(`The view ${name} has a headline but no ${wanted} to show it by.`)
  const Column = { DataSetIdentifier: name, ColumnName: field.title }
  return { FieldId: `${visual}-${wanted}`, Column }
}

function title(PlainText: string): VisualTitleLabelOptions {
  return { Visibility: 'VISIBLE', FormatText: { PlainText } }
}

function idOf({ KPIVisual, LineChartVisual, BarChartVisual }: Visual): string {
  return (KPIVisual ?? LineChartVisual ?? BarChartVisual)?.VisualId ?? ''
}
