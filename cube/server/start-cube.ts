import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire, enableCompileCache } from 'node:module'
import { randomUUID } from 'node:crypto'
import type { ErrorRequestHandler } from 'express'
import { tokenCheck } from '../access/check-token.ts'
import { readClaims } from '../access/claims.ts'
import { policyGroups } from '../access/groups.ts'
import { identityProviderOf, type IdentityProvider } from '../access/identity-provider.ts'
import { refuseOpenViews } from '../access/refuse-open-views.ts'
import { placeStandIn } from './place-stand-in.js'
import { beAGuest } from './be-a-guest.ts'
import { authorise } from './authorise.ts'
import { boundAnswerCache } from './answer-cache.ts'
import { readDataVersion } from './data-version.ts'
import { keepFresh } from './freshness.ts'
import { setCubeEnvironment } from './environment.ts'
import { answerHonestly } from './honest-answers.ts'
import { refuseMaskedFilters } from './masked-filters.ts'
import { MODEL, readModelFiles } from './model-files.ts'
import { loadInTurn } from './rollups-in-turn.ts'
import { dropLate } from './late-drops.ts'
import { warehousePool } from './warehouse-pool.ts'
import { describeProblem } from './problems.ts'
import { openSqlDoor, type SqlDoor } from './sql-door.ts'

export interface CubeOptions {
  /** The warehouse; Cube reads `mart` and writes `rollup`. */
  databaseUrl: string
  /** Signs and verifies the tokens of the API, see sign-token.ts. */
  secret: string
  /** Who else signs tokens; by default whom the environment names. */
  provider?: IdentityProvider | undefined
  /** A free one when left out. */
  port?: number
  /** Where to listen; only this machine can reach the loopback address, the default. */
  host?: string
  /** The folder of cubes and views. */
  model?: string
  /** An answer of more rows is refused, never cut off. */
  maxRows?: number
  /** Hears what went wrong inside Cube, a sentence each; a user's own mistakes go to that user. */
  onProblem?: (problem: string) => void
}

/** A running Cube: REST under `<url>/v1`, GraphQL under `<url>/graphql`. */
export interface Cube {
  url: string
  port: number
  /** For the SQL endpoint: the same model, policies and rollups. */
  sqlDoor: SqlDoor
  /** Reads the model, so that the first question does not have to wait for it. */
  warmUp(): Promise<void>
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const BASE_PATH = '/cubejs-api'
const CACHE_BYTES = 64 * 1024 ** 2
const NOBODY = { securityContext: {}, requestId: 'start' }

/** Cube in this process: server and model over the warehouse, ready for requests. */
export async function startCube(options: CubeOptions): Promise<Cube> {
  const { maxRows = 500_000, model = MODEL, onProblem = console.error } = options
  const { provider = identityProviderOf(process.env) } = options
  refuseOpenViews(await readModelFiles(model), model)
  const { CubejsServerCore, PostgresDriver, express } = loadCube({ maxRows })

  const connections = keepTrack(() =>
    dropLate(
      new PostgresDriver({
        connectionString: options.databaseUrl,
        application_name: 'recoup cube',
      }),
    ),
  )
  const core = new CubejsServerCore({
    apiSecret: options.secret,
    checkAuth: authorise(tokenCheck(options.secret, provider)),
    basePath: BASE_PATH,
    repositoryFactory: () => ({
      localPath: () => model,
      dataSchemaFiles: () => readModelFiles(model),
    }),
    driverFactory: () => connections.open(),
    preAggregationsSchema: 'rollup',
    contextToGroups: ({ securityContext }) => policyGroups(readClaims(securityContext)),
    // Cube keeps its answers per process, under this name: two servers must not share them.
    contextToOrchestratorId: always(`recoup-${randomUUID()}`),
    logger: (event, details) => {
      const problem = describeProblem(event, details)
      if (problem) onProblem(problem)
    },
  })

  const orchestrator = (await core.getOrchestratorApi(NOBODY)).getQueryOrchestrator()
  loadInTurn(orchestrator.getPreAggregations())
  const cache = orchestrator.getQueryCache().getCacheDriver()
  const versions = warehousePool(options.databaseUrl, 'recoup cube', 1)
  const freshen = keepFresh(boundAnswerCache(cache, CACHE_BYTES), () => readDataVersion(versions))
  answerHonestly(core, { maxRows, freshen })

  refuseMaskedFilters(core)

  const app = express()
  app.disable('x-powered-by')
  // Cube's own SQL, which its addon has, knows nothing of honest answers and of masks.
  app.use(`${BASE_PATH}/v1/cubesql`, (_request, response) => {
    response.status(404).json({ error: 'SQL is not answered here. Ask /v1/load.' })
  })
  await core.initApp(app)
  app.use(errorsAreAnswered)
  const server = await listen(createServer(app), options.port ?? 0, options.host ?? LOOPBACK)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${LOOPBACK}:${port}${BASE_PATH}`,
    port,
    sqlDoor: openSqlDoor(core, freshen),
    async warmUp() {
      const compiler = await core.getCompilerApi(NOBODY)
      await compiler.getCompilers()
    },
    async close() {
      await closed(server)
      await core.beforeShutdown()
      await core.shutdown()
      await connections.release()
      await versions.end()
    },
  }
}

/** Cube's packages are some two thousand modules: loaded when needed, from compiled code if kept. */
function loadCube({ maxRows }: { maxRows: number }) {
  enableCompileCache()
  const standIn = placeStandIn() !== 'addon present'
  setCubeEnvironment({ maxRows, standIn })
  beAGuest()
  const fromHere = createRequire(import.meta.url)
  const { CubejsServerCore } = fromHere(
    '@cubejs-backend/server-core',
  ) as typeof import('@cubejs-backend/server-core')
  const { PostgresDriver } = fromHere(
    '@cubejs-backend/postgres-driver',
  ) as typeof import('@cubejs-backend/postgres-driver')
  const express = fromHere('express') as typeof import('express')
  return { CubejsServerCore, PostgresDriver, express }
}

/** Cube closes the connections of a server only after somebody asked for its `/readyz`. */
function keepTrack<Driver extends { release(): Promise<void> }>(create: () => Driver) {
  const drivers: Driver[] = []
  return {
    open() {
      const driver = create()
      drivers.push(driver)
      return driver
    },
    async release() {
      await Promise.all(drivers.map((driver) => driver.release()))
    },
  }
}

function always<T>(value: T) {
  return () => value
}

/** Cube has answered and logged the error by now; Express would print it once more. */
const errorsAreAnswered: ErrorRequestHandler = (error, _request, response, _next) => {
  if (!response.headersSent) response.status(500).json({ error: String(error) })
}

function listen(server: Server, port: number, host: string) {
  return new Promise<Server>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function closed(server: Server) {
  return new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
