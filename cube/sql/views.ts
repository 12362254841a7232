import type pg from 'pg'
import type { DoorMember, DoorView, SqlDoor } from '../server/sql-door.ts'
import type { Additivity, View, ViewColumn } from './rewrite/model.ts'

/** The types that the columns of each view have in Postgres: `fees.day` to `date`. */
export type ColumnTypes = Map<string, string>

/** A view as BI tools see it: segments are columns of true and false. */
export function asView({ name, members }: DoorView, types: ColumnTypes): View {
  return { name, columns: members.map((member) => asColumn(member, types)) }
}

function asColumn(
  { name, kind, type, meta, masked, joined }: DoorMember,
  types: ColumnTypes,
): ViewColumn {
  return {
    name: name.slice(name.indexOf('.') + 1),
    member: name,
    kind: kind === 'measure' ? 'measure' : 'dimension',
    type,
    sqlType: types.get(name) ?? 'text',
    ...(kind === 'segment' && { isSegment: true as const }),
    ...(kind === 'measure' && { additivity: meta.additivity as Additivity }),
    ...(masked && { masked: true as const }),
    ...(joined && { isJoined: true as const }),
  }
}

/** Asks Postgres for the types of what Cube would select: only it knows all of them. */
export async function readColumnTypes(
  views: DoorView[],
  door: SqlDoor,
  owner: pg.Pool,
): Promise<ColumnTypes> {
  const types: ColumnTypes = new Map()
  for (const { members } of views) {
    const asked = members.filter(({ kind }) => kind !== 'segment')
    for (const { name, kind } of members) if (kind === 'segment') types.set(name, 'boolean')
    const aliases = Object.fromEntries(asked.map(({ name }, index) => [name, `column_${index}`]))
    const namesOf = (kind: DoorMember['kind']) =>
      asked.filter((member) => member.kind === kind).map(({ name }) => name)
    const { sql } = await door.sql(
      { groups: ['admin'], marketplaces: 'all' },
      {
        measures: namesOf('measure'),
        dimensions: namesOf('dimension'),
        timeDimensions: [],
        segments: [],
        filters: [],
        subqueryJoins: [],
        anchor: asked[0]!.name,
      },
      aliases,
      [],
      { rollups: false },
    )
    const { fields } = await owner.query(`SELECT * FROM (${sql}) AS probe LIMIT 0`)
    const { rows } = await owner.query<{ type: string }>(
      'SELECT format_type(oid, NULL) AS type FROM unnest($1::oid[]) WITH ORDINALITY AS one(oid, place) ORDER BY place',
      [fields.map(({ dataTypeID }) => dataTypeID)],
    )
    const typeOf = new Map(fields.map(({ name }, index) => [name, rows[index]!.type]))
    for (const { name } of asked) types.set(name, typeOf.get(aliases[name]!)!)
  }
  return types
}
