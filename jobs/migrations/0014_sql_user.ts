import { type Kysely, sql } from 'kysely'

/** Who may connect with a BI tool. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table engine.sql_user (
    name         text primary key,
    groups       text[] not null check (cardinality(groups) > 0),
    marketplaces text[] check (cardinality(marketplaces) > 0),
    verifier     text not null check (verifier like 'SCRAM-SHA-256$%'),
    created_at   timestamptz not null default clock_timestamp(),
    rotated_at   timestamptz,
    revoked_at   timestamptz
  )`,
  `comment on table engine.sql_user is 'One row per person or program that may connect, or once might'`,
  `comment on column engine.sql_user.marketplaces is 'Null for all'`,
  `comment on column engine.sql_user.verifier is 'Proves a password without being one'`,
  `comment on column engine.sql_user.rotated_at is 'When the password was last exchanged'`,
]
