import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'

import type { Source } from '#kit/asset.ts'
import type { Puller } from '#kit/connect/connector.ts'
import { feedName } from '#kit/read/header.ts'
import { quoted } from '#kit/load/merge-sql.ts'
import { inTransaction } from '#jobs/engine/transaction.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { pull } from '#jobs/pull.ts'
import { test as base } from '#test/kit/database.ts'

/** A home with an inbox, and what a feed's origin brings into it and from there into its table. */
export const test = base
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = mkdtempSync(join(tmpdir(), 'recoup-origin-'))
    onCleanup(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  })
  .extend('recoup', ({ database, folder }) => {
    const { pool, db } = database
    const home = { inbox: join(folder, 'inbox') }
    const inboxFolder = (source: Source) => join(home.inbox, feedName(source))
    return {
      home,
      pull: (source: Source, from: Puller, options: Partial<Parameters<typeof pull>[3]> = {}) =>
        pull(pool, home, { ...source, from }, { signal: AbortSignal.timeout(15_000), ...options }),
      async load(source: Source) {
        const { intake } = inboxOf(home)
        const fetched = await intake.fetch(source, { db, pool })
        return await inTransaction(pool, new AbortController().signal, ({ tx, client }) =>
          intake.publish(tx, source, fetched, { client }),
        )
      },
      files: (source: Source) => readdirSync(inboxFolder(source)).sort(),
      contents: (source: Source) =>
        readdirSync(inboxFolder(source))
          .sort()
          .map((name) => readFileSync(join(inboxFolder(source), name), 'utf8')),
      /** The rows of the feed's table, in the order of its key. */
      async rows<Row = Record<string, unknown>>(source: Source): Promise<Row[]> {
        const order = sql.raw(source.grain.map(quoted).join(', '))
        const { rows } = await sql<Row>`
          select * from ${sql.table(source.name)} order by ${order}`.execute(db)
        return rows
      },
      async cursor(source: Source) {
        const { rows } = await sql<{ value: unknown }>`
          select value from raw.cursor where feed = ${feedName(source)}`.execute(db)
        return rows[0]?.value ?? null
      },
    }
  })
