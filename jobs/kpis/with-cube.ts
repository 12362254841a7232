import { existsSync } from 'node:fs'

import { openCube } from '../cube.ts'
import { homeOf } from '../home.ts'
import { connect } from '../postgres/pool.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { cubeSecret, findRuntime } from '../runtime.ts'
import { cubeClient, type CubeClient } from './cube-client.ts'
import { readWatermarks, type Watermarks } from './watermarks.ts'

/** What is needed to answer questions about KPIs. */
export interface KpiDesk {
  cube: CubeClient
  watermarks: Watermarks
}

/** Asks the Cube that is up, or starts one for as long as the work takes. */
export async function withCube<Result>(work: (desk: KpiDesk) => Promise<Result>): Promise<Result> {
  requireWarehouse()
  return await withWarehouse(async ({ url }) => {
    await using connection = connect(url, { max: 2 })
    const [watermarks, access] = await Promise.all([
      readWatermarks(connection.pool),
      reachCube(url),
    ])
    await using cube = access
    return await work({ cube: cube.client, watermarks })
  })
}

/** Stops before anything is started for a warehouse that is not there. */
export function requireWarehouse(env: NodeJS.ProcessEnv = process.env) {
  const { folder, postgres } = homeOf(env)
  if (env.DATABASE_URL || existsSync(postgres)) return
  throw new Error(`There is no warehouse in ${folder} yet. Make one with demo data: npm start`)
}

export async function reachCube(
  databaseUrl: string,
): Promise<{ client: CubeClient } & AsyncDisposable> {
  const { signToken } = await import('#cube/server/sign-token.ts')
  const clientFor = (url: string, secret: string) =>
    cubeClient(url, signToken(secret, { groups: ['admin'], marketplaces: 'all' }))

  const runtime = findRuntime(homeOf())
  if (runtime && (await answers(runtime.cubeUrl)))
    return { client: clientFor(runtime.cubeUrl, runtime.secret), async [Symbol.asyncDispose]() {} }

  const secret = cubeSecret()
  const cube = await openCube({ databaseUrl, secret, onProblem: () => {} })
  return { client: clientFor(cube.url, secret), [Symbol.asyncDispose]: () => cube.close() }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    () => true,
    () => false,
  )
}
