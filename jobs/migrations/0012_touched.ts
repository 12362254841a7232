import { type Kysely, sql } from 'kysely'

/** What a load touches is noted anew each time, and in full by a replay. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // A key would make a load rely on a note that a publication is taking away in that moment.
  `alter table raw.touched drop constraint touched_pkey,
    add column id int8 generated always as identity primary key`,
  `create index touched_feed on raw.touched (feed)`,
  `comment on table raw.touched is
    'Where rows were that a load replaced, and where those are that a replay brought, until the feed is published'`,
  `alter table raw.load add column is_noted bool not null default false`,
  `comment on column raw.load.is_noted is
    'Since it was last published only replays brought rows of it, whose partitions are in raw.touched'`,
]
