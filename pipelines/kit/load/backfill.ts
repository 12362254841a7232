import type pg from 'pg'
import type { Books } from './books.ts'
import { newRows, rejectedOf } from './in-batches.ts'
import type { WriteBatch } from './landing.ts'
import { quoted } from './merge-sql.ts'
import { nothingLanded, type RawTable, sumOf } from './raw-table.ts'

/**
 * Fills an empty table from one file in one transaction: rows are written frozen and without WAL, the
 * key is made once they are all there, then the rows whose key came twice are merged. Stopped on the
 * way, it leaves nothing.
 */
export function asBackfill(table: RawTable, books: Books): WriteBatch {
  const { client, source } = table
  const name = quoted(source.name)
  let addKey: string | undefined
  let landed = nothingLanded
  let stagedRows = 0

  const begin = async () => {
    await table.begin()
    await client.query(`truncate ${name}`)
    return await dropKey(client, name)
  }

  return async (batch) => {
    addKey ??= await begin()
    await table.copy(batch.arriving, { freeze: true })
    if (batch.stagedRows > 0) await table.stage(batch.staged.pieces, { flagged: true })
    await books.setAside(batch)
    landed = sumOf(landed, sumOf(newRows(batch), rejectedOf(batch)))
    stagedRows += batch.stagedRows
    if (!batch.end!.isLast) return

    await client.query(addKey)
    if (stagedRows > 0) landed = sumOf(landed, await table.merge(stagedRows, ['all']))
    await books.commit(landed, batch.end!)
  }
}

/** Drops a table's primary key; returns the statement that makes it again. */
async function dropKey(client: pg.ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ key: string; definition: string }>(
    `select conname as key, pg_get_constraintdef(oid) as definition
     from pg_constraint where conrelid = $1::regclass and contype = 'p'`,
    [table],
  )
  const [constraint] = rows
  if (!constraint) throw new Error(`${table} has no primary key; its migration makes one.`)
  const key = quoted(constraint.key)
  await client.query(`alter table ${table} drop constraint ${key}`)
  return `alter table ${table} add constraint ${key} ${constraint.definition}`
}
