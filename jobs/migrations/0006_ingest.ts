import { type Kysely, sql } from 'kysely'

/** Loads in batches: the ledger says how far each came. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // Where a stopped load goes on: unpacked bytes of a text, rows of a columnar file; and the line there.
  // The layout (format, header) reads the rest of the file, and lines of it in quarantine.
  // A load is published once the materialization of its feed that counts its rows is recorded.
  `alter table raw.load
    add column layout jsonb,
    add column "offset" int8 not null default 0,
    add column line int8 not null default 0,
    add column is_finished bool not null default false,
    add column is_published bool not null default false`,
  // A file that was refused may be tried again.
  `update raw.load set is_published = true, is_finished = not exists (
    select from raw.quarantine where quarantine.load_id = load.load_id and quarantine.line = 0
  )`,
  `create index on raw.load (feed) where not is_published`,
  // How far a connector has read its origin.
  `create table raw.cursor (
    feed text primary key,
    value jsonb not null,
    updated_at timestamptz not null default now()
  )`,
]
