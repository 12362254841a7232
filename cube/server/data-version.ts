import type pg from 'pg'

/**
 * Tells apart the states of the warehouse: the last materialization that changed something. The
 * cubes have the same statement as their `refresh_key`, for a Cube that runs outside Recoup.
 */
export const DATA_VERSION = 'SELECT max(id) FROM engine.materialization WHERE changed'

/** The version of the warehouse behind a pool; read before every answer that may be a kept one. */
export async function readDataVersion(pool: pg.Pool) {
  try {
    const { rows } = await pool.query<{ max: string | null }>({
      name: 'version',
      text: DATA_VERSION,
    })
    return rows[0]?.max ?? null
  } catch (cause) {
    throw new Error(
      `The warehouse cannot be read: ${String(cause)}. Is it there and migrated? Try: npx recoup doctor`,
      { cause },
    )
  }
}
