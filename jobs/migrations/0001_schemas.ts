import { type Kysely, sql } from 'kysely'

/** raw: landing and quarantine; mart: facts, dimensions, references; engine: runs. */
export async function up(db: Kysely<unknown>) {
  for (const schema of ['raw', 'mart', 'engine'])
    await sql`create schema if not exists ${sql.id(schema)}`.execute(db)
}
