import { listed } from '#kit/words.ts'

import { UsageError } from '../terminal/mistakes.ts'
import { didYouMean } from '../terminal/nearest.ts'
import { type Packaging, packagingOf } from './formats.ts'
import type { Asked } from './subject.ts'

const parameters = [
  'format',
  'compression',
  'columns',
  'by',
  'where',
  'week',
  'from',
  'to',
] as const
type Parameter = (typeof parameters)[number]

/** Reads `/export/mart.fact_fee?format=arrow&columns=fee_id`; null for any other address. */
export function readAddress(address: string): { asked: Asked; packaging: Packaging } | null {
  const url = URL.parse(address, 'http://export')
  const name = /^\/export\/([^/]+)$/.exec(url?.pathname ?? '')?.[1]
  if (!url || !name) return null

  const typed = new Map<Parameter, string[]>()
  for (const key of new Set(url.searchParams.keys())) {
    const parameter = parameters.find((one) => one === key)
    if (!parameter)
      throw new UsageError(
        `There is no parameter "${key}". ${didYouMean(key, parameters)}They are ${listed(parameters)}.`,
      )
    typed.set(parameter, url.searchParams.getAll(key))
  }
  for (const [parameter, values] of typed)
    if (values.length > 1 && parameter !== 'where')
      throw new UsageError(`${parameter} is given ${values.length} times; give it once.`)
  const one = (parameter: Parameter) => typed.get(parameter)?.[0]
  return {
    asked: {
      name: decodeURIComponent(name),
      columns: one('columns'),
      by: one('by'),
      where: typed.get('where'),
      week: one('week'),
      from: one('from'),
      to: one('to'),
    },
    packaging: packagingOf({ format: one('format'), compression: one('compression') }),
  }
}
