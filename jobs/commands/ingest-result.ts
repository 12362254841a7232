import { bad, faint, notable } from '../terminal/colour.ts'
import { json as asJson } from '../terminal/formats.ts'
import { indent, table } from '../terminal/table.ts'
import { displayCount, displayInstant, several } from '../terminal/values.ts'
import type { Works } from '../worker.ts'

/** What the ledger says of one file. */
export interface Load {
  load_id: number
  sha256: string
  loaded_at: string
  rows_read: number
  rows_new: number
  rows_newer: number
  rows_same: number
  rows_rejected: number
  is_finished: boolean
  /** Why the file as a whole was refused. */
  refused: string | null
  /** Rows that are still set aside. */
  set_aside: number
}

/** What became of a file. */
export interface Result {
  file: string
  feed: string
  /** known: it was loaded before. */
  state: 'loaded' | 'known' | 'refused'
  load: Load | undefined
}

/** Reads what the ledger says of files, by their content. */
export async function loadsOf(
  { pool }: Works,
  feed: string,
  files: readonly { sha256: string }[],
): Promise<Map<string, Load>> {
  const { rows } = await pool.query<Load>(
    `select load_id, sha256, loaded_at, rows_read, rows_new, rows_newer, rows_same, rows_rejected,
            is_finished, refusal.reason as refused,
            (select count(*) from raw.quarantine
             where quarantine.load_id = load.load_id and line > 0)::int4 as set_aside
     from raw.load
     left join lateral (
       select reason from raw.quarantine where quarantine.load_id = load.load_id and line = 0
     ) as refusal on true
     where feed = $1 and sha256 = any($2)`,
    [feed, files.map(({ sha256 }) => sha256)],
  )
  return new Map(rows.map((row) => [row.sha256, row]))
}

/** Says what became of the files: a table, or JSON. Refusals are said in any case. */
export async function printResults(
  works: Works,
  results: readonly Result[],
  { quiet, json }: { quiet: boolean; json: boolean },
) {
  const of = (wanted: Result['state']) => results.filter(({ state }) => state === wanted)
  if (json) console.log(asJson(results.map(forPrograms)))
  else if (!quiet) {
    for (const { file, load } of of('known')) console.log(knownWords(file, load))
    if (of('loaded').length > 0) await printLoaded(works, of('loaded'))
  }
  for (const { file, load } of of('refused'))
    console.error(`${bad('Refused:')} ${load?.refused ?? `${file}: it was not loaded to its end.`}`)
}

function forPrograms({ file, feed, state, load }: Result) {
  if (!load) return { file, feed, state }
  const { sha256: _, refused, is_finished: __, ...counts } = load
  return { file, feed, state, reason: refused, ...counts }
}

function knownWords(file: string, load: Load | undefined): string {
  if (!load) return `${file} was loaded before; nothing changed.`
  const words = `${file} was loaded before, on ${displayInstant(load.loaded_at)}; nothing changed.`
  if (load.set_aside === 0) return words
  const rows = several(load.set_aside, 'row')
  return `${words} ${rows} of it set aside; to judge them again: recoup quarantine replay`
}

async function printLoaded(works: Works, loaded: readonly Result[]) {
  const counts = ['rows_read', 'rows_new', 'rows_newer', 'rows_same', 'rows_rejected'] as const
  const columns = ['Read', 'New', 'Newer', 'Same', 'Rejected'].map((title) => ({
    title,
    align: 'right' as const,
  }))
  const rows = loaded.map(({ file, load }) => [
    file,
    ...counts.map((column) => displayCount(load?.[column] ?? 0)),
  ])
  console.log(`\n${indent(table([{ title: 'File' }, ...columns], rows))}`)
  await printReasons(works, loaded)
}

const reasonsShown = 5

async function printReasons({ pool }: Works, loaded: readonly Result[]): Promise<void> {
  const ids = loaded.map(({ load }) => load?.load_id)
  const total = loaded.reduce((sum, { load }) => sum + (load?.rows_rejected ?? 0), 0)
  if (total === 0) return
  const { rows } = await pool.query<{ file: string; line: number; reason: string }>(
    `select file, line, reason from raw.quarantine
     where load_id = any($1) order by load_id, line limit $2`,
    [ids, reasonsShown],
  )
  console.log(`\n${notable(`${several(total, 'row')} ${total === 1 ? 'was' : 'were'} set aside:`)}`)
  for (const { file, line, reason } of rows) console.log(`  ${file}, line ${line}: ${reason}`)
  if (total > rows.length) console.log(faint(`  and ${displayCount(total - rows.length)} more.`))
  console.log(faint('All of them, and how to mend them: recoup quarantine'))
}
