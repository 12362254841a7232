// Exports one table to a file and prints the most memory that took, in MB, and the seconds.
import { openExport } from '#jobs/export/export.ts'
import { packagingOf } from '#jobs/export/formats.ts'
import { toFile } from '#jobs/export/to-file.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { tables } from './kit.ts'

const [url = '', name = '', file = ''] = process.argv.slice(2)
await using warehouse = connect(url, { max: 2 })
const start = performance.now()
await using out = await openExport({ name }, packagingOf({ file }), tables(warehouse.pool))
await toFile(out.bytes, file)
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(
  JSON.stringify({
    rows: out.rows,
    megabytes: Math.round(maxRSS / 1024),
    seconds: (performance.now() - start) / 1000,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
  }),
)
