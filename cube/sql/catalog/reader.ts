import { createHmac } from 'node:crypto'
import pg from 'pg'

/** The role that the endpoint's sessions have in Postgres. */
export interface Reader {
  role: string
  password: string
}

/**
 * Makes the role, or renews it: it reads facts and rollups, and can neither write, nor make a table,
 * nor stay idle in a transaction. Its password follows from the secret that all of Recoup's
 * processes share, so that several endpoints agree on it.
 * @throws when the owner of the warehouse may not make roles
 */
export async function makeReader(
  owner: pg.Pool,
  database: string,
  secret: string,
): Promise<Reader> {
  const role = `recoup_bi_${database}`.slice(0, 63)
  const password = createHmac('sha256', secret).update(`sql endpoint of ${database}`).digest('hex')
  const name = pg.escapeIdentifier(role)
  const client = await owner.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [role])
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
    const options = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '${password}'`
    await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${name} ${options}`)
    for (const statement of rights(name, pg.escapeIdentifier(database)))
      await client.query(statement)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw new Error(
      `The role ${role}, by which the SQL endpoint reads, could not be made: ${(error as Error).message}. ` +
        'The owner of the warehouse needs CREATEROLE.',
      { cause: error },
    )
  } finally {
    client.release()
  }
  return { role, password }
}

function rights(role: string, database: string) {
  const settings = {
    default_transaction_read_only: 'on',
    search_path: 'bi, pg_catalog',
    TimeZone: 'UTC',
    statement_timeout: '10min',
    idle_in_transaction_session_timeout: '60s',
    lock_timeout: '30s',
    jit: 'off',
  }
  return [
    ...Object.entries(settings).map(
      ([setting, value]) =>
        `ALTER ROLE ${role} SET ${setting} TO ${setting === 'search_path' ? value : `'${value}'`}`,
    ),
    `REVOKE TEMPORARY, CREATE ON DATABASE ${database} FROM PUBLIC`,
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    `GRANT CONNECT ON DATABASE ${database} TO ${role}`,
    'CREATE SCHEMA IF NOT EXISTS rollup',
    `GRANT USAGE ON SCHEMA mart, rollup TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA mart, rollup TO ${role}`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mart TO ${role}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA mart, rollup GRANT SELECT ON TABLES TO ${role}`,
  ]
}
