/** The SQL that brings rows into a raw table so that the newest stays, whatever the order of arrival. */
import { escapeIdentifier, escapeLiteral } from 'pg'
import type { Source } from '../asset.ts'
import { partitionsSql } from '../partitions/sql.ts'
import { feedName } from '../read/header.ts'
import { columns } from '../table.ts'

/** Which rows of the stage are merged: those whose key is alone in it, those that share one, or all. */
export type Staged = 'alone' | 'shared' | 'all'

/** The statements of one load; all names are quoted. */
export interface MergeSql {
  /** Into the table, or with `freeze` into one truncated in the same transaction. */
  copyDirect: (freeze?: boolean) => string
  createStage: string
  /** Tuples as for the table, or with the flag that another row of the stage has the same key. */
  copyStage: (flagged: boolean) => string
  merge: (which: Staged) => string
  /**
   * Notes in which partitions the rows are that a merge is about to replace; null for a feed without.
   * Of those that come, the table itself tells later.
   */
  noteReplaced: string | null
}

/** What is merged: a file as it comes, or rows of an earlier load that were set aside then. */
export type Arrival = 'file' | 'replay'

/**
 * Rows that are surely new are copied straight into the table. The others pass through a stage and
 * replace what is there only when newer: by version, and where versions tie by the greater content,
 * byte for byte, so that no order of loading matters. Without a version the later row wins; a row that
 * is replayed is as late as its load. `tuple` names the columns in the order the encoder writes them.
 */
export function mergeSql(
  source: Source,
  tuple: readonly string[],
  arrival: Arrival = 'file',
): MergeSql {
  const table = quoted(source.name)
  const stage = quoted(`stage_${source.name.replace('.', '_')}`)
  const names = columns(source).map(({ name }) => name)
  const all = list([...names, 'load_id', 'line'])
  const grain = list(source.grain)
  const content = (of: string) => `row(${list(names, of)})::record`
  const version = source.version === null ? null : quoted(source.version)

  const isLater =
    arrival === 'file' ? 'true' : '(excluded.load_id, excluded.line) >= (t.load_id, t.line)'
  const newer =
    version === null
      ? `${isLater} and ${content('excluded')} *<> ${content('t')}`
      : `excluded.${version} > t.${version} or ` +
        `(excluded.${version} = t.${version} and ${content('excluded')} *> ${content('t')})`
  // The ordinal tells the later row; the file's line does not when one line becomes several rows.
  const ordinal = version === null ? ', ordinal int8 generated always as identity' : ''
  const best =
    version === null
      ? 's.ordinal desc'
      : `s.${version} desc, ${content('s')} using operator(pg_catalog.*>)`
  const rows = (which: Staged) =>
    which === 'alone'
      ? `select ${all} from ${stage} where not shared`
      : `select distinct on (${list(source.grain, 's')}) ${list([...names, 'load_id', 'line'], 's')}
         from ${stage} as s ${which === 'shared' ? 'where shared' : ''}
         order by ${list(source.grain, 's')}, ${best}`

  const { partitionedBy } = source
  const replaced = partitionedBy && {
    from: `${table} as t join ${stage} as excluded using (${grain}) where ${newer}`,
    table: { ...source, partitionedBy },
  }

  return {
    noteReplaced:
      replaced &&
      `insert into raw.touched (feed, partition)
       select ${escapeLiteral(feedName(source))}, partition
       from (${partitionsSql(replaced.table, replaced.from, 't')}) as touched
       on conflict do nothing`,
    copyDirect: (freeze = false) =>
      `copy ${table} (${list(tuple)}) from stdin (format binary, freeze ${freeze})`,
    createStage: `create temp table if not exists ${stage} (
      like ${table}, shared bool not null default true${ordinal}
    ) on commit drop`,
    copyStage: (flagged) =>
      `copy ${stage} (${list(flagged ? [...tuple, 'shared'] : tuple)}) from stdin (format binary)`,
    merge: (which) => `with written as (
      insert into ${table} as t (${all}) ${rows(which)}
      on conflict (${grain}) do update set
        ${[...names, 'load_id', 'line'].map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ')}
      where ${newer}
      returning xmax = 0 as is_new
    )
    select count(*) filter (where is_new)::int4 as added, count(*)::int4 as written from written`,
  }
}

/** "raw"."fee": safe also for a feed named like a word of SQL, such as case. */
export function quoted(name: string): string {
  return name.split('.').map(escapeIdentifier).join('.')
}

function list(names: readonly string[], of?: string): string {
  return names.map((name) => (of ? `${of}.${quoted(name)}` : quoted(name))).join(', ')
}
