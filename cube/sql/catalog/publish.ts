import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { DoorView } from '../../server/sql-door.ts'
import type { ColumnTypes } from '../views.ts'

/** Endpoints that start at the same time publish one after the other. */
const LOCK = 0x626973716c

/**
 * Makes a relation in schema `bi` of each view, so that every question about tables and columns is
 * answered by Postgres itself. Nothing can be read from one: a query that reaches it fails loudly.
 * Relations keep their identity while the model stays as it is.
 */
export async function publishViews(
  views: DoorView[],
  types: ColumnTypes,
  owner: pg.Pool,
  role: string,
) {
  const statements = [
    `CREATE SCHEMA bi`,
    `CREATE FUNCTION bi.not_translated() RETURNS integer LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'A view was asked without the endpoint in between.'; END $$`,
    `GRANT USAGE ON SCHEMA bi TO ${role}`,
    ...views.flatMap((view) => relation(view, types, role)),
  ]
  const version = createHash('sha256').update(statements.join('\n')).digest('hex')
  const client = await owner.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const { rows } = await client.query<{ version: string | null }>(
      "SELECT obj_description(to_regnamespace('bi'), 'pg_namespace') AS version",
    )
    if (rows[0]?.version !== version) {
      await client.query('DROP SCHEMA IF EXISTS bi CASCADE')
      for (const statement of statements) await client.query(statement)
      await client.query(`COMMENT ON SCHEMA bi IS '${version}'`)
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

function relation(
  { name, title, description, members }: DoorView,
  types: ColumnTypes,
  role: string,
) {
  const columns = members.map(({ name: member }) => {
    const column = member.slice(member.indexOf('.') + 1)
    return { column, select: `NULL::${types.get(member) ?? 'text'} AS ${quoted(column)}` }
  })
  const full = `bi.${quoted(name)}`
  return [
    `CREATE VIEW ${full} AS SELECT ${columns.map(({ select }) => select).join(', ')} FROM bi.not_translated()`,
    `GRANT SELECT ON ${full} TO ${role}`,
    `COMMENT ON VIEW ${full} IS ${literal(`${title}. ${description}`)}`,
    ...members.map(
      (member, index) =>
        `COMMENT ON COLUMN ${full}.${quoted(columns[index]!.column)} IS ${literal(`${member.title}. ${member.description}`)}`,
    ),
  ]
}

function quoted(name: string) {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string) {
  return `'${text.replaceAll("'", "''")}'`
}
