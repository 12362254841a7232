import { answerColumns, type Column, type Query, type QueryType } from './columns.ts'
import type { Rows, RowsRequest } from './columns.ts'

/** A response without its data: query, annotation, refresh time and so on, written by Cube. */
export interface AnswerOutline {
  query: Query
  slowQuery?: boolean
  [field: string]: unknown
}

export interface MultiAnswerOutline {
  queryType: QueryType
  results: AnswerOutline[]
  slowQuery?: boolean
}

/** The response to one query. */
export function answer(request: RowsRequest, rows: Rows, outline: AnswerOutline) {
  return {
    ...withoutEmptyFields(outline),
    slowQuery: Boolean(outline.slowQuery),
    data: shaped(answerColumns(request, rows), request.resType),
  }
}

/** The response to several queries, with the one query a client pivots them all by. */
export function multiAnswer(requests: RowsRequest[], rows: Rows[], outline: MultiAnswerOutline) {
  const { queryType, results } = outline
  return {
    queryType,
    results: results.map((result, i) => answer(at(requests, i), at(rows, i), result)),
    pivotQuery: pivotQuery(
      queryType,
      results.map(({ query }) => query),
    ),
    slowQuery: Boolean(outline.slowQuery),
  }
}

function shaped(columns: Column[], format: RowsRequest['resType']) {
  const members = columns.map(({ member }) => member)
  if (format === 'columnar') return { members, columns: columns.map(({ values }) => values) }

  const rows = Array.from(columns[0]?.values ?? [], (_, row) =>
    columns.map(({ values }) => values[row] ?? null),
  )
  if (format === 'compact') return { members, dataset: rows }
  return rows.map((row) => Object.fromEntries(members.map((member, i) => [member, row[i]])))
}

function pivotQuery(queryType: QueryType, queries: Query[]) {
  const first = at(queries, 0)
  if (queryType === 'compareDateRangeQuery') {
    return { ...first, dimensions: ['compareDateRange', ...(first.dimensions ?? [])], queryType }
  }
  const granularity = queries.map((query) => query.timeDimensions?.[0]?.granularity).find(Boolean)
  return {
    ...first,
    measures: unique(queries.flatMap((query) => query.measures ?? [])),
    dimensions: unique(queries.flatMap((query) => query.dimensions ?? [])),
    ...(granularity ? { timeDimensions: [{ dimension: 'time', granularity }] } : {}),
    queryType,
  }
}

function unique<T>(list: T[]) {
  return [...new Set(list)]
}

function withoutEmptyFields(outline: AnswerOutline) {
  const filled = Object.entries(outline).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  return Object.fromEntries(filled)
}

function at<T>(list: T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error(`Cube sent ${list.length} queries, expected more.`)
  return item
}
