import { once } from 'node:events'

import { openCube } from '../cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { cubeSecret } from '../runtime.ts'

/** `recoup serve`: Cube alone, over a warehouse that others fill. */
export async function serve(options: { host: string; port: number }) {
  if (!process.env.CUBEJS_API_SECRET)
    throw new Error(
      'CUBEJS_API_SECRET is not set, so nobody could sign a token for this Cube. ' +
        'Set it to a long random text, the same for every process.',
    )
  await withWarehouse(async ({ url }, signal) => {
    await using cube = await openCube({ databaseUrl: url, secret: cubeSecret(), ...options })
    await cube.warmUp()
    console.log(`Cube answers at ${cube.url}`)
    if (!signal.aborted) await once(signal, 'abort')
  })
}
