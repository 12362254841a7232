import { once } from 'node:events'

import { openCube } from '../cube.ts'
import { startExportServer } from '../export/serve.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { cubeSecret } from '../runtime.ts'
import { openSqlEndpoint } from '../sql-endpoint.ts'

/** What was typed after `recoup serve`. */
export interface ServeOptions {
  host: string
  port: number
  exportPort: number
  sqlPort: number
}

/** `recoup serve`: Cube, the SQL endpoint and exports, over a warehouse that others fill. */
export async function serve(options: ServeOptions) {
  if (!process.env.CUBEJS_API_SECRET)
    throw new Error(
      'CUBEJS_API_SECRET is not set, so nobody could sign a token for this Cube. ' +
        'Set it to a long random text, the same for every process.',
    )
  await withWarehouse(async ({ url }, signal) => {
    const { host, port, exportPort, sqlPort } = options
    const secret = cubeSecret()
    await using cube = await openCube({ databaseUrl: url, secret, host, port })
    await using exports = await startExportServer({
      databaseUrl: url,
      cubeUrl: cube.url,
      secret,
      host,
      port: exportPort,
      onProblem: console.error,
    })
    await cube.warmUp()
    await using sql = await openSqlEndpoint({
      cube,
      databaseUrl: url,
      secret,
      host,
      port: sqlPort,
      onProblem: console.error,
    })
    console.log(`Cube answers at ${cube.url}`)
    console.log(`SQL for BI tools: ${host}:${sql.port}, for the users of: npx recoup users`)
    console.log(`Tables and KPIs as files: ${exports.url}`)
    if (!signal.aborted) await once(signal, 'abort')
  })
}
