import { type Kysely, sql } from 'kysely'

/** raw: landing and quarantine; mart: facts, dimensions, references; rollup: what Cube adds up ahead; engine: runs. */
export async function up(db: Kysely<unknown>) {
  for (const schema of ['raw', 'mart', 'rollup', 'engine'])
    await sql`create schema if not exists ${sql.id(schema)}`.execute(db)
}
