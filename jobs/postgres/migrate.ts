import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'

import { migrations } from '../migrations/index.ts'

/** Brings the warehouse to the newest schema; the result names the migrations that ran. */
export async function migrate(db: Kysely<unknown>): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: 'engine',
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) {
    const failed = results.find(({ status }) => status === 'Error')?.migrationName
    const where = failed ? `Migration jobs/migrations/${failed}.ts failed` : 'Migrations failed'
    const { message } = error as Error
    throw new Error(`${where}: ${message}. Nothing of it was applied.`, { cause: error })
  }
  return results.map(({ migrationName }) => migrationName)
}
