import { expect, test } from 'vitest'
import { type Rows, type RowsRequest, answerColumns } from '#cube/server/native/columns.ts'

const request = (more: Partial<RowsRequest> = {}): RowsRequest => ({
  aliasToMemberNameMap: {
    fees__charged: 'fees.charged',
    fees__late: 'fees.late',
    fees__day_week: 'fees.day.week',
    fees__day_month: 'fees.day.month',
  },
  annotation: {
    'fees.charged': { type: 'number' },
    'fees.late': { type: 'boolean' },
    'fees.day.week': { type: 'time' },
    'fees.day.month': { type: 'time' },
  },
  query: {},
  ...more,
})

const rows = (columns: Record<string, unknown[]>): Rows => ({
  members: Object.keys(columns),
  columns: Object.values(columns),
})

test('a number keeps every digit on its way through JSON', () => {
  const columns = answerColumns(request(), rows({ fees__charged: ['0.10', 12, null] }))
  expect(columns).toEqual([{ member: 'fees.charged', values: ['0.10', '12', null] }])
})

test('yes and no stay yes and no', () => {
  const columns = answerColumns(request(), rows({ fees__late: [true, false, null] }))
  expect(columns).toEqual([{ member: 'fees.late', values: [true, false, null] }])
})

test('an instant loses its offset and is not shifted by it', () => {
  const week = [
    '2026-01-05 00:00:00',
    '2026-01-05T00:00:00.123456Z',
    '2026-01-05 00:00:00.5 +02:00',
  ]
  const [column] = answerColumns(request(), rows({ fees__day_week: week }))
  expect(column?.values).toEqual([
    '2026-01-05T00:00:00.000',
    '2026-01-05T00:00:00.123',
    '2026-01-05T00:00:00.500',
  ])
})

test('a day asked by week and by month is also answered under its own name, by week', () => {
  const columns = answerColumns(
    request(),
    rows({ fees__day_month: ['2026-01-01 00:00:00'], fees__day_week: ['2026-01-05 00:00:00'] }),
  )
  expect(columns.map(({ member, values }) => [member, values[0]])).toEqual([
    ['fees.day.month', '2026-01-01T00:00:00.000'],
    ['fees.day.week', '2026-01-05T00:00:00.000'],
    ['fees.day', '2026-01-05T00:00:00.000'],
  ])
})

test('compared date ranges say which of them a row is from', () => {
  const columns = answerColumns(
    request({
      queryType: 'compareDateRangeQuery',
      query: {
        timeDimensions: [{ dimension: 'fees.day', dateRange: ['2026-01-01', '2026-01-31'] }],
      },
    }),
    rows({ fees__charged: ['1', '2'] }),
  )
  expect(columns.at(-1)).toEqual({
    member: 'compareDateRange',
    values: ['2026-01-01 - 2026-01-31', '2026-01-01 - 2026-01-31'],
  })
})

test('blended queries share one time column', () => {
  const columns = answerColumns(
    request({
      queryType: 'blendingQuery',
      query: { timeDimensions: [{ dimension: 'fees.day', granularity: 'week' }] },
    }),
    rows({ fees__day_week: ['2026-01-05 00:00:00'] }),
  )
  expect(columns.at(-1)).toEqual({ member: 'time.week', values: ['2026-01-05T00:00:00.000'] })
})

test('a member that the policies hide is refused, with rows or without', () => {
  const hidden = request({ annotation: {}, query: { measures: ['fees.charged'] } })
  const refusal = "You requested hidden member: 'fees.charged'"
  expect(() => answerColumns(hidden, rows({ fees__charged: ['1'] }))).toThrow(refusal)
  expect(() => answerColumns(hidden, rows({}))).toThrow(refusal)
})

test('a column that no member stands for is an error, not a guess', () => {
  expect(() => answerColumns(request(), rows({ surprise: ['1'] }))).toThrow(
    "Member name not found for alias: 'surprise'",
  )
})
