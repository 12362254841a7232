import { expect } from 'vitest'
import { lintModel } from '#cube/lint/lint-model.ts'
import { askCube } from '#cube/server/ask-cube.ts'
import { readModelFiles } from '#cube/server/model-files.ts'
import { test } from '../kit.ts'

test('the model keeps every rule', async () => {
  expect(lintModel(await readModelFiles())).toEqual([])
})

// A cube names columns in text that nothing compiles. Renaming one in a contract would otherwise
// show as an error on somebody's dashboard.
test('every measure and every dimension of every view finds its columns', async ({ cube }) => {
  const views = await cube.views()
  expect(views.map(({ name }) => name)).toEqual(['appeals', 'contacts', 'fees', 'payments'])

  const failures: string[] = []
  const members = views.flatMap(({ measures, dimensions, segments, name }) => [
    ...measures.map((measure) => ({ measures: [measure.name] })),
    ...dimensions.map((dimension) => ({ dimensions: [dimension.name] })),
    ...segments.map((segment) => ({ segments: [segment.name], dimensions: [`${name}.day`] })),
  ])
  for (const query of members) {
    await askCube(cube, query).catch((error: Error) => failures.push(error.message))
  }
  expect(failures).toEqual([])
  expect(members.length).toBeGreaterThan(100)
})
