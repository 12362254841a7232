/** What must be true of a load at any moment, and at its end. */
import type { Source } from '#kit/asset.ts'
import { feedName } from '#kit/read/header.ts'
import { columns } from '#kit/table.ts'

import type { Expected } from '../files/rows.ts'
import { withClient } from '../server.ts'

/** What the ledger, the table and the quarantine say about the loads of one feed. */
export interface Books {
  /** How much of the newest file was read, from 0 to 1. */
  progress: number
  isFinished: boolean
  rows_read: number
  rows_new: number
  rows_newer: number
  rows_same: number
  rows_rejected: number
  /** Rows in the table, and how many keys they have. */
  tableRows: number
  keys: number
  quarantined: number
  /** Places in the newest file that a row of the table or of the quarantine comes from, each once. */
  lines: number
  hasKey: boolean
}

/** Reads the books in one snapshot, without indexes: an index that lies must not hide it. */
export async function readBooks(url: string, { name, grain, ...rest }: Source): Promise<Books> {
  const feed = feedName({ name, ...rest })
  return await withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read')
    await client.query('set local enable_indexscan = off')
    await client.query('set local enable_indexonlyscan = off')
    await client.query('set local enable_bitmapscan = off')
    const { rows } = await client.query<Record<string, string>>(
      `with ledger as (
        select coalesce(sum(rows_read), 0) as rows_read, coalesce(sum(rows_new), 0) as rows_new,
          coalesce(sum(rows_newer), 0) as rows_newer, coalesce(sum(rows_same), 0) as rows_same,
          coalesce(sum(rows_rejected), 0) as rows_rejected
        from raw.load where feed = $1
      ), newest as (
        select load_id, "offset"::float8 / greatest(bytes, 1) as progress, is_finished as finished
        from raw.load where feed = $1 order by load_id desc limit 1
      ), landed as (
        select count(*) as table_rows, count(distinct (${grain.map(quote).join(', ')})) as keys from ${name}
      ), set_aside as (
        select count(*) as quarantined from raw.quarantine where feed = $1
      ), origin as (
        select count(*) as lines from (
          select line from ${name} where load_id = (select load_id from newest)
          union select line from raw.quarantine where load_id = (select load_id from newest)
        ) as line
      ), key as (
        select count(*) as keys_declared from pg_constraint
        where conrelid = '${name}'::regclass and contype = 'p' and convalidated
      )
      select * from ledger left join newest on true, landed, set_aside, origin, key`,
      [feed],
    )
    await client.query('rollback')
    const found = rows[0]!
    const count = (column: string) => Number(found[column])
    return {
      progress: count('progress'),
      isFinished: Boolean(found.finished),
      rows_read: count('rows_read'),
      rows_new: count('rows_new'),
      rows_newer: count('rows_newer'),
      rows_same: count('rows_same'),
      rows_rejected: count('rows_rejected'),
      tableRows: count('table_rows'),
      keys: count('keys'),
      quarantined: count('quarantined'),
      lines: count('lines'),
      hasKey: count('keys_declared') === 1,
    }
  })
}

/** The sentences of the books that are not true. They must be true between any two batches. */
export function untrue(books: Books): string[] {
  const { rows_read, rows_new, rows_newer, rows_same, rows_rejected } = books
  const accounts: Account[] = [
    [
      'rows read = new + newer + same + rejected',
      rows_read,
      rows_new + rows_newer + rows_same + rows_rejected,
    ],
    ['rows in the table = rows that were new', books.tableRows, rows_new],
    ['rows in the table = different keys', books.tableRows, books.keys],
    ['rows in the quarantine = rows rejected', books.quarantined, rows_rejected],
  ]
  const wrong = unequal(accounts)
  return books.hasKey ? wrong : [...wrong, 'the table has no primary key']
}

/** What a whole load must have found in its file, if it is at its end. */
export function unfinished(
  books: Books,
  { file, before }: { file: Expected; before: Expected | null },
): string[] {
  const accounts: Account[] = [
    ['rows read = rows of the files', books.rows_read, file.rows + (before?.rows ?? 0)],
    ['rows rejected = rows made broken', books.rows_rejected, file.broken + (before?.broken ?? 0)],
    ['rows newer = rows made as corrections', books.rows_newer, file.corrections],
    ['lines with a row in table or quarantine = lines of the file', books.lines, file.rows],
  ]
  return books.isFinished ? unequal(accounts) : ['the ledger says unfinished', ...unequal(accounts)]
}

type Account = [words: string, left: number, right: number]

function unequal(accounts: Account[]): string[] {
  return accounts
    .filter(([, left, right]) => left !== right)
    .map(([words, left, right]) => `${words}: ${left} is not ${right}`)
}

/** A fingerprint of every row and where it came from, and of every line in the quarantine. */
export async function fingerprint(url: string, source: Source): Promise<string> {
  const cells = [...columns(source).map(({ name }) => quote(name)), 'line']
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ print: string }>(
      `select concat_ws(' / ', ${[
        printOf(`row(${cells.join(', ')})::text`, source.name),
        printOf('row(line, raw_text, reason)::text', 'raw.quarantine'),
      ].join(', ')}) as print`,
    )
    return rows[0]!.print
  })
}

function printOf(text: string, table: string): string {
  return `(select count(*) || ' rows ' || coalesce(sum(hashtextextended(${text}, 0)::numeric), 0) from ${table})`
}

function quote(name: string): string {
  return `"${name}"`
}
