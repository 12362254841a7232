import { expect } from 'vitest'
import { lintModel } from '#cube/lint/lint-model.ts'
import { askCube } from '../ask-cube.ts'
import { readModelFiles } from '#cube/server/model-files.ts'
import { test } from '../kit.ts'

test('the model keeps every rule', async () => {
  expect(lintModel(await readModelFiles())).toEqual([])
})

// A cube names columns in text that nothing compiles. Renaming one in a contract would otherwise
// show as an error on somebody's dashboard.
test('every measure, dimension and segment of every view finds its columns', async ({ cube }) => {
  const views = await cube.views()
  expect(views.map(({ name }) => name)).toEqual([
    'appeals',
    'contacts',
    'fees',
    'freshness',
    'payments',
  ])

  const failures: string[] = []
  for (const { measures, dimensions, segments } of views) {
    const names = (members: { name: string }[]) => members.map(({ name }) => name)
    const queries = [
      { measures: names(measures) },
      // One at a time these are answered from the rollup, if there is one.
      ...names(measures).map((measure) => ({ measures: [measure] })),
      { dimensions: names(dimensions), segments: names(segments) },
    ]
    for (const query of queries) {
      await askCube(cube, query).catch((error: Error) => failures.push(error.message))
      if (failures.length > 0) break
    }
  }
  expect(failures).toEqual([])
  expect(cube.problems).toEqual([])
})
