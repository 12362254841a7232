import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..', '..')
const pages = readdirSync(join(root, 'docs/kpis'))
  .filter((file) => file !== 'README.md')
  .map((file) => ({ file, text: readFileSync(join(root, 'docs/kpis', file), 'utf8') }))

interface Measure {
  name: string
  public?: boolean
  meta?: { page?: string; basis?: string; kpi?: boolean }
}

function publicMeasures(): Measure[] {
  const folder = join(root, 'cube/model/cubes')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml'))
    .flatMap((file) => {
      const { cubes } = parse(readFileSync(join(folder, file), 'utf8')) as {
        cubes: { measures?: Measure[] }[]
      }
      return cubes.flatMap(({ measures = [] }) => measures)
    })
    .filter((measure) => measure.public !== false && measure.meta?.kpi !== false)
}

test.for(pages)('the arithmetic of the example in $file holds', ({ text }) => {
  const sums = [...text.matchAll(/`([\d\s.+\-*/()]+)=\s*([\d.]+)`/g)]
  expect(sums.length).toBeGreaterThan(0)
  for (const [, expression = '', result] of sums)
    expect(calculate(expression)).toBeCloseTo(Number(result), 10)
})

test('every measure that Cube shows has a page that names it', () => {
  const measures = publicMeasures()
  expect(measures.length).toBeGreaterThan(0)
  const missing = measures.filter(({ name, meta }) => {
    const page = pages.find(({ file }) => meta?.page === `docs/kpis/${file}`)
    return !page || !named(page.text).has(name)
  })
  expect(missing.map(({ name, meta }) => `${name} -> ${meta?.page ?? 'no page'}`)).toEqual([])
})

test('a page and Cube say the same basis of the KPI the page is called by', () => {
  const called = publicMeasures().filter(({ name }) =>
    pages.some(({ file }) => file === `${name}.md`),
  )
  expect(called.length).toBeGreaterThan(10)
  for (const { name, meta } of called) {
    const page = pages.find(({ file }) => file === `${name}.md`)
    expect(`${name}: ${/^\| Basis, date \| (\w+);/m.exec(page!.text)?.[1]}`).toBe(
      `${name}: ${meta?.basis}`,
    )
  }
})

/** Measures of a page: `a_30d`, `_90d` names a_30d and a_90d. */
function named(text: string): Set<string> {
  const line = /^\| Measures \| (.*) \|$/m.exec(text)?.[1] ?? ''
  const names = new Set<string>()
  let stems: string[] = []
  for (const [, name = ''] of line.matchAll(/`([a-z0-9_]+)`/g)) {
    if (!name.startsWith('_')) {
      names.add(name)
      stems = name.split('_').map((_, end, words) => words.slice(0, end).join('_'))
    } else for (const stem of stems) names.add(stem + name)
  }
  return names
}

/** Sums, products and brackets; nothing else is evaluated. */
function calculate(expression: string): number {
  if (!/^[\d\s.+\-*/()]+$/.test(expression)) throw new Error(`not arithmetic: ${expression}`)
  // oxlint-disable-next-line typescript/no-implied-eval
  return Number(new Function(`return ${expression}`)())
}
