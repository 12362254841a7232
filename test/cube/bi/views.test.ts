import { expect, test } from 'vitest'

import { readViews } from '#cube/bi/views.ts'

import { openCube } from '../kit.ts'

// A field that Cube does not serve would be an error on the first sheet it is dragged to.
test('what BI tools are told of is what Cube serves', async () => {
  // What there is to ask for is in the model alone; no warehouse is needed.
  const cube = await openCube({ databaseUrl: 'postgres://127.0.0.1:1/none' })
  const served = (await cube.views()).map(({ name, dimensions, measures }) => [
    name,
    new Set([...dimensions, ...measures].map((member) => member.name.split('.')[1])),
  ])
  await cube.close()
  const told = (await readViews()).map(({ name, fields }) => [
    name,
    new Set(fields.map((field) => field.name)),
  ])
  expect(told).toEqual(served)
})
