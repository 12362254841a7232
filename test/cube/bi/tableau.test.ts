import { expect, test } from 'vitest'

import { DEFAULT_ADDRESS } from '#cube/bi/address.ts'
import { tableauFiles } from '#cube/bi/tds.ts'
import { type BiView, readViews } from '#cube/bi/views.ts'

import { type Parsed, parseXml, structuralMistakes, within } from './tds-structure.ts'

const views = await readViews()

function parsedTds(changed: Partial<BiView> = {}): Parsed {
  const view = { ...(views.find(({ name }) => name === 'fees') as BiView), ...changed }
  const [file] = tableauFiles([view], DEFAULT_ADDRESS)
  return parseXml(String(file?.content))
}

const named = (root: Parsed, name: string) => within(root).filter((one) => one.name === name)

test('every file has the structure that Tableau publishes', () => {
  for (const { content } of tableauFiles(views, DEFAULT_ADDRESS))
    expect(structuralMistakes(parseXml(String(content)))).toEqual([])
})

test('a file with its elements out of order would be noticed', () => {
  const root = parsedTds()
  root.children.reverse()
  expect(structuralMistakes(root)).toContain('datasource has column too late')
})

test('every field that a file names is a column of it, in one folder or hierarchy', () => {
  for (const { content } of tableauFiles(views, DEFAULT_ADDRESS)) {
    const root = parseXml(String(content))
    const columns = named(root, 'column').map(({ attributes }) => attributes.name)
    const items = named(root, 'folder-item')
    const ofType = (type: string) =>
      items.filter(({ attributes }) => attributes.type === type).map((one) => one.attributes.name)
    const drilled = named(root, 'field').map(({ text }) => text)
    const paths = named(root, 'drill-path').map(({ attributes }) => attributes.name)

    expect(named(root, 'local-name').map(({ text }) => text)).toEqual(columns)
    expect(new Set([...ofType('field'), ...drilled])).toEqual(new Set(columns))
    expect(ofType('field').length + drilled.length).toBe(columns.length)
    expect(ofType('drillpath')).toEqual(paths)
  }
})

test('a ratio is averaged, which the endpoint answers with the ratio; money is summed', () => {
  const columns = named(parsedTds(), 'column').map(({ attributes }) => attributes)
  const shown = (name: string) => columns.find((column) => column.name === `[${name}]`)
  expect(shown('recovery_cash_rate')).toEqual({
    caption: 'Recovery rate, cash basis',
    datatype: 'real',
    name: '[recovery_cash_rate]',
    role: 'measure',
    type: 'quantitative',
    aggregation: 'Avg',
    'default-format': 'p0.0%',
  })
  expect(shown('fees_charged')).toMatchObject({
    aggregation: 'Sum',
    'default-format': 'c"EUR" #,##0.00;-"EUR" #,##0.00',
  })
  expect(shown('outstanding')).toMatchObject({ aggregation: 'Sum' })
  expect(shown('day')).toMatchObject({ datatype: 'date', role: 'dimension', type: 'ordinal' })
})

test('the description of a ratio says that it cannot be kept in an extract', () => {
  const column = named(parsedTds(), 'column').find(
    ({ attributes }) => attributes.name === '[recovery_cash_rate]',
  )
  expect(named(column as Parsed, 'run').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Net cash of the period .* nor kept in an extract\.$/),
  ])
})

test('words with marks of XML in them come out as they are', () => {
  const title = `Fees <"A" & 'B'>`
  expect(parsedTds({ title }).attributes.caption).toBe(`Recoup: ${title}`)
})
