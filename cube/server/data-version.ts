/**
 * Tells apart the states of the warehouse: the last materialization that changed something. The
 * cubes have the same statement as their `refresh_key`, for a Cube that runs outside Recoup.
 */
export const DATA_VERSION = 'SELECT max(id) FROM engine.materialization WHERE changed'

/** The version of the warehouse behind a connection. */
export async function readDataVersion(connection: {
  query<Row>(sql: string, values: unknown[]): Promise<Row[]>
}) {
  try {
    const [row] = await connection.query<{ max: string | null }>(DATA_VERSION, [])
    return row?.max ?? null
  } catch (cause) {
    throw new Error(
      `The warehouse cannot be read: ${String(cause)}. Is it there and migrated? Try: npx recoup doctor`,
      { cause },
    )
  }
}
