/** Loads one file, to be killed. Prints "begun", "reading" once rows are read, and "loaded" at the end. */
import { madeUp } from '../feeds/index.ts'
import { openProduct } from '../product.ts'
import type { Victim } from './torment.ts'

const { url, path, feed, cache, batchRows } = JSON.parse(process.argv[2]!) as Victim

await using product = await openProduct(url, madeUp(feed).source, { cache, batchRows })
console.log('begun')
let isReading = false
await product.load(path, () => {
  if (!isReading) console.log('reading')
  isReading = true
})
console.log('loaded')
