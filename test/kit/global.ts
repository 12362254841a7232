import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { homeOf } from '#jobs/home.ts'
import { createTables } from '#jobs/postgres/create-tables.ts'
import { migrate } from '#jobs/postgres/migrate.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { findPostmaster } from '#jobs/postgres/postmaster.ts'
import { openWarehouse } from '#jobs/postgres/warehouse.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'

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
  // What a test leaves behind is removed with the rest; a server whose folder is gone stops itself.
  process.env.TMPDIR = folder
  process.once('exit', () => cleanUp(folder))
  const warehouse = await openWarehouse({ RECOUP_HOME: folder }, testSettings)
  const connection = connect(warehouse.url)
  await migrate(connection.db)
  await createTables(connection.db, [...sources, ...models])
  await connection.close()
  project.provide('templateUrl', warehouse.url)

  return () => warehouse.close()
}

/** Also after Ctrl-C, when Vitest ends at once and calls nothing that could wait. */
function cleanUp(folder: string) {
  const data = join(homeOf({ RECOUP_HOME: folder }).postgres, 'data')
  const server = findPostmaster(data)
  if (server) process.kill(server.pid, 'SIGQUIT')
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let wait = 0; wait < 200 && findPostmaster(data); wait++) Atomics.wait(clock, 0, 0, 10)
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
