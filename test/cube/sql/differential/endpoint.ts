import { createHash } from 'node:crypto'
import pg from 'pg'
import { addUser } from '#cube/access/users.ts'
import { makeVerifier } from '#cube/access/verifier.ts'
import { startCube } from '#cube/server/start-cube.ts'
import { startSqlEndpoint } from '#cube/sql/endpoint.ts'
import { people, type Person } from './people.ts'

/** A statement as somebody sends it: in a session of this zone, with values for its `$n`. */
export interface Question {
  sql: string
  values: string[]
  zone: string
  way: Way
}

/** How a statement is sent: by itself, named for use again, by SQL's own words, or for a cursor. */
export const WAYS = ['plain', 'named', 'executed', 'cursor'] as const
type Way = (typeof WAYS)[number]

export type Cell = string | null

/** The rows of an answer, each cell as Postgres writes it. */
export type Ask = (person: Person, question: Question) => Promise<Cell[][]>

export interface Asking extends AsyncDisposable {
  ask: Ask
}

const password = 'a long test password'
const SESSIONS_EACH = 2

/** Everything as text: no driver's idea of a number or a day is in between. */
const asText = { getTypeParser: () => (value: unknown) => value }

/** The SQL endpoint over a warehouse, asked through its port by everybody of `people`. */
export async function openEndpoint(databaseUrl: string, owner: pg.Pool): Promise<Asking> {
  const secret = 'not a secret'
  const problems: string[] = []
  const onProblem = (problem: string) => problems.push(problem)
  const cube = await startCube({ databaseUrl, secret, onProblem })
  const endpoint = await startSqlEndpoint({
    door: cube.sqlDoor,
    databaseUrl,
    secret,
    port: 0,
    onProblem,
  })
  const sessions = new Map<string, pg.Pool>()
  for (const { name: user, context } of people) {
    await addUser(owner, { name: user, ...context, verifier: makeVerifier(password) })
    const database = new URL(databaseUrl).pathname.slice(1)
    const address = { host: '127.0.0.1', port: endpoint.port, database, user, password }
    const pool = new pg.Pool({ ...address, max: SESSIONS_EACH })
    sessions.set(
      user,
      pool.on('error', () => {}),
    )
  }
  const zones = new WeakMap<pg.PoolClient, string>()
  return {
    async ask({ name }, { zone, ...statement }) {
      const session = await sessions.get(name)!.connect()
      try {
        if (zones.get(session) !== zone) await session.query(`SET TimeZone TO '${zone}'`)
        zones.set(session, zone)
        return await sent(session, statement)
      } finally {
        session.release()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const pool of sessions.values()) await pool.end()
      await endpoint.close()
      await cube.close()
      if (problems.length > 0) throw new Error(problems.join('\n'))
    },
  }
}

async function sent(session: pg.PoolClient, { sql, values, way }: Omit<Question, 'zone'>) {
  if (way === 'named')
    return await rowsOf(session, sql, values, {
      name: createHash('sha256').update(sql).digest('hex').slice(0, 40),
    })
  if (way === 'executed') {
    await session.query(`PREPARE asked AS ${sql}`)
    const given = values.map((value) => pg.escapeLiteral(value)).join(', ')
    try {
      return await rowsOf(session, `EXECUTE asked${given && `(${given})`}`)
    } finally {
      await session.query('DEALLOCATE asked')
    }
  }
  if (way === 'plain') return await rowsOf(session, sql, values)
  await session.query('BEGIN')
  try {
    await rowsOf(session, `DECLARE few CURSOR FOR ${sql}`, values)
    return [
      ...(await rowsOf(session, 'FETCH 3 FROM few')),
      ...(await rowsOf(session, 'FETCH ALL FROM few')),
    ]
  } finally {
    await session.query('ROLLBACK')
  }
}

/** Sessions in which answers by hand are computed. */
export function openByHand(connectionString: string) {
  return new pg.Pool({ connectionString, max: 2, options: '-c timezone=UTC -c jit=off' })
}

/** The rows of a statement as text. */
export async function rowsOf(
  session: pg.Pool | pg.PoolClient,
  text: string,
  values: string[] = [],
  { name }: { name?: string } = {},
): Promise<Cell[][]> {
  const { rows } = await session.query<Cell[]>({
    text,
    ...(name && { name }),
    ...(values.length > 0 && { values }),
    rowMode: 'array',
    types: asText,
  })
  return rows
}
