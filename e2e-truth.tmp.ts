import { differences, readTruth } from '#test/journeys/truth.ts'
import { withCube } from '#jobs/kpis/with-cube.ts'
const home = process.env.RECOUP_HOME!
const truth = readTruth(home)
const t = performance.now()
await withCube(async ({ cube }) => {
  const d = await differences(truth, cube)
  console.log(truth.kpis.length, 'values', d.length, 'differences', ((performance.now() - t) / 1000).toFixed(1), 's')
  for (const x of d.slice(0, 40)) console.log(x)
})
