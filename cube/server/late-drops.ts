/** What is needed of a driver of Cube's. */
interface Driver {
  query(sql: string, values: unknown[]): Promise<unknown>
  dropTable(table: string): Promise<unknown>
  release(): Promise<void>
}

const LATER_MS = 60_000

/**
 * Tables of rollups that are outdated are dropped a minute later, when nobody reads them. Cube would
 * wait for whoever still does, perhaps in a transaction, and with it everyone who asks meanwhile.
 */
export function dropLate<Late extends Driver>(driver: Late): Late {
  const waiting = new Map<string, NodeJS.Timeout>()
  const drop = async (table: string) => {
    waiting.delete(table)
    await driver
      .query(`SET LOCAL lock_timeout TO '200ms'; DROP TABLE IF EXISTS ${table}`, [])
      .catch(() => later(table))
  }
  const later = (table: string) => {
    if (waiting.has(table)) return
    waiting.set(table, setTimeout(() => void drop(table), LATER_MS).unref())
  }
  const release = driver.release.bind(driver)
  return Object.assign(driver, {
    dropTable: (table: string) => Promise.resolve(later(table)),
    release() {
      for (const timer of waiting.values()) clearTimeout(timer)
      waiting.clear()
      return release()
    },
  })
}
