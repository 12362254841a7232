import { type Kysely, sql } from 'kysely'

/** Feeds that are observed by partition: which of them have other rows since the last materialization. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table raw.touched (
    feed      text not null,
    partition text not null,
    primary key (feed, partition)
  )`,
  `comment on table raw.touched is
    'Where rows were that a load replaced, until the feed is published; of those that came, load_id tells'`,
  // Rows lie as they came, nearly in the order of loads and of days: a small index finds their pages.
  `create index payment_event_load on raw.payment_event using brin (load_id)`,
  `create index payment_event_occurred on raw.payment_event using brin (occurred_at)`,
]
