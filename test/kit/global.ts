import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { migrate } from '#jobs/postgres/migrate.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { openWarehouse } from '#jobs/postgres/warehouse.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The migrated database that every test's own database is cloned from. */
    templateUrl: string
  }
}

const testSettings = {
  // A session that forgets to say UTC shall fail at once; Chatham is 12:45 or 13:45 ahead.
  timezone: 'Pacific/Chatham',
  // The data lives for one run.
  fsync: 'off',
  full_page_writes: 'off',
}

/** One Postgres for the whole run, in a state folder of its own. */
export default async function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-test-'))
  const warehouse = await openWarehouse({ RECOUP_HOME: folder }, testSettings)
  const connection = connect(warehouse.url)
  await migrate(connection.db)
  await connection.close()
  project.provide('templateUrl', warehouse.url)

  return async () => {
    await warehouse.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
