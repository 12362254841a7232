import pg from 'pg'
import { findUser } from '../access/users.ts'
import type { SqlDoor } from '../server/sql-door.ts'
import { warehousePool } from '../server/warehouse-pool.ts'
import { startAudit } from './audit.ts'
import { publishViews } from './catalog/publish.ts'
import { makeReader, type Reader } from './catalog/reader.ts'
import { makeTranslator } from './make-translator.ts'
import { readColumnTypes } from './views.ts'
import { startWire, type WireOptions } from './wire/start-wire.ts'

export interface EndpointOptions extends Pick<
  WireOptions,
  'host' | 'port' | 'tls' | 'requireTls' | 'limits'
> {
  /** The running Cube, whose views are asked. */
  door: SqlDoor
  /** The warehouse, as its owner. */
  databaseUrl: string
  /** Shared by all processes of one Recoup. */
  secret: string
  /** Hears what went wrong, a sentence each. */
  onProblem: (problem: string) => void
}

/** SQL over the views for BI tools, in the protocol of Postgres. */
export interface Endpoint {
  port: number
  close(): Promise<void>
}

const EVERYTHING = { groups: ['admin'], marketplaces: 'all' as const }

export async function startSqlEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { door, databaseUrl, secret, onProblem, ...wireOptions } = options
  await using opened = new AsyncDisposableStack()
  const owner = opened.adopt(warehousePool(databaseUrl, 'recoup sql endpoint', 3), (pool) =>
    pool.end(),
  )
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1))
  const views = await door.views(EVERYTHING)
  const types = await readColumnTypes(views, door, owner)
  const reader = await makeReader(owner, database, secret)
  await publishViews(views, types, owner, pg.escapeIdentifier(reader.role))

  const audit = opened.adopt(startAudit(owner, { onProblem }), (log) => log.close())
  const translator = opened.adopt(makeTranslator(door, { types, database }), (one) => one.close())
  const wire = await startWire({
    ...wireOptions,
    secret,
    onProblem,
    translator,
    audit,
    findUser: findUser(owner),
    backend: { connectionString: asReader(databaseUrl, reader) },
  })
  opened.defer(() => wire.close())
  const open = opened.move()
  return { port: wire.port, close: () => open.disposeAsync() }
}

function asReader(databaseUrl: string, { role, password }: Reader) {
  const url = new URL(databaseUrl)
  url.username = encodeURIComponent(role)
  url.password = password
  return url.href
}
