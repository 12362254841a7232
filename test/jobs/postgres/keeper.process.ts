// Holds the warehouse open until a signal, like `npm start` does; prints its address when open.
import { once } from 'node:events'

import { withWarehouse } from '#jobs/postgres/warehouse.ts'

await withWarehouse(async ({ url, started }, signal) => {
  console.log(JSON.stringify({ url, started }))
  const alive = setInterval(() => {}, 1000)
  if (!signal.aborted) await once(signal, 'abort')
  clearInterval(alive)
})
