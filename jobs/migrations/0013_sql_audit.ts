import { type Kysely, sql } from 'kysely'

/** Who asked what at the SQL endpoint. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table engine.sql_audit (
    id           int8 generated always as identity primary key,
    at           timestamptz not null,
    "user"       text not null,
    address      text not null,
    application  text not null,
    outcome      text not null check (
      outcome in ('connected', 'rejected', 'done', 'failed', 'refused', 'cancelled')
    ),
    statement    text,
    views        text[] not null default '{}',
    code         text,
    rows         int8,
    milliseconds float8
  )`,
  `comment on table engine.sql_audit is
    'One statement that somebody sent to the SQL endpoint, or one attempt to connect; kept for 90 days'`,
  `comment on column engine.sql_audit.outcome is
    'refused: not run, as the endpoint does not allow it; failed: the warehouse could not answer it'`,
  `comment on column engine.sql_audit.statement is 'As it was sent, the first 8,000 characters'`,
  `comment on column engine.sql_audit.code is 'The SQLSTATE where it did not end well'`,
  `create index sql_audit_at on engine.sql_audit (at)`,
  `create index sql_audit_user on engine.sql_audit ("user", at)`,
]
