import pg from 'pg'

/** A few connections to the warehouse that are opened when they are needed, and keep nobody alive. */
export function warehousePool(connectionString: string, application: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: application,
    allowExitOnIdle: true,
  })
  // One that was lost while idle is replaced by the next that is needed.
  pool.on('error', () => {})
  return pool
}
