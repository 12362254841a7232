import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { validateFile, type Verdict } from '#kit/validate.ts'

import type { FileFormat } from '../arrivals.ts'
import { findSource } from '../find-source.ts'
import { interruption } from '../postgres/interruption.ts'
import { bad, bold, faint, good, notable } from '../terminal/colour.ts'
import { json as asJson } from '../terminal/formats.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { stage } from '../terminal/stage.ts'
import { indent, table } from '../terminal/table.ts'
import { displayBytes, displayCount, displaySeconds, several } from '../terminal/values.ts'
import { type GivenFile, givenFiles } from './given-files.ts'

/** What was typed after the files. */
export interface ValidateOptions {
  as: string
  format?: FileFormat
  quiet?: boolean
  json?: boolean
}

/** `recoup validate`: what would become of files as a feed. No warehouse is needed or touched. */
export async function validate(
  typed: readonly string[],
  { as, format, quiet = false, json = false }: ValidateOptions,
): Promise<number> {
  const source = findSource(as)
  const files = givenFiles(typed)
  using interrupted = interruption()
  const { signal } = interrupted
  const verdicts: Verdict[] = []
  for (const file of files) {
    await using spool = await spooled(file)
    const verdict = await stage(
      'Judging',
      (live) =>
        validateFile(source, spool.path, {
          name: file.name,
          format,
          signal,
          onProgress: ({ bytesRead, bytesTotal, rows }) =>
            live.show({ fraction: bytesRead / bytesTotal, note: several(rows, 'row') }, [
              { title: file.name, fraction: bytesRead / bytesTotal, note: several(rows, 'row') },
            ]),
        }),
      () => null,
      { quiet: quiet || json },
    )
    if (!quiet && !json) console.log(words(verdict))
    else if (verdict.refused !== null && !json) console.error(verdict.refused)
    verdicts.push(verdict)
  }
  if (json) console.log(asJson(verdicts))
  const isClean = verdicts.every(({ rejected, refused }) => rejected === 0 && refused === null)
  return isClean ? exitCodes.ok : exitCodes.failed
}

/** Standard input can be read but once, and a file is read twice: its beginning, then all of it. */
async function spooled({ path }: GivenFile): Promise<{ path: string } & AsyncDisposable> {
  if (path !== null) return { path, [Symbol.asyncDispose]: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'recoup-validate-'))
  const spool = join(folder, 'stdin')
  await pipeline(process.stdin, createWriteStream(spool))
  return { path: spool, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

function words(verdict: Verdict): string {
  const { file, feed, rows, rejected, refused } = verdict
  const counts = `${displayCount(rejected)} of ${several(rows, 'row')}`
  const lines =
    rejected > 0
      ? [`${bad('✗')} ${bold(file)}: ${counts} would be set aside.`, indent(reasonTable(verdict))]
      : rows > 0
        ? [`${good('✓')} ${bold(file)}: ${several(rows, 'row')}, all as a ${feed} feed must be.`]
        : []
  if (refused !== null) lines.push(`${bad('✗')} ${refused}`)
  return [...lines, ...notes(verdict)].join('\n')
}

function reasonTable({ reasons }: Verdict): string {
  const found = reasons.flatMap(({ column, rows, first }) =>
    first.map(({ line, reason }, at) => [
      at === 0 ? displayCount(rows) : '',
      at === 0 ? (column ?? faint('line')) : '',
      displayCount(line),
      reason,
    ]),
  )
  const columns = [
    { title: 'Rows', align: 'right' as const },
    { title: 'Column' },
    { title: 'Line', align: 'right' as const },
    { title: 'First reasons', width: 76 },
  ]
  return table(columns, found)
}

function notes(verdict: Verdict): string[] {
  const { repeatedKeys, comparedAllKeys, ignoredColumns, format, bytes, seconds, rows } = verdict
  const found: string[] = []
  if (repeatedKeys > 0) {
    const among = comparedAllKeys ? '' : ' among the first millions'
    const what = `${several(repeatedKeys, 'row')} ${repeatedKeys === 1 ? 'has' : 'have'} the key of an earlier row${among}`
    found.push(`  ${notable(what)}; of each key the newest stays.`)
  }
  if (ignoredColumns.length > 0)
    found.push(`  ${notable('Not part of the feed, and not loaded:')} ${ignoredColumns.join(', ')}`)
  const speed = `${displayBytes(bytes / seconds)}/s`
  if (rows > 0 && bytes > 1_000_000)
    found.push(
      faint(`  ${displayBytes(bytes)} of ${format} in ${displaySeconds(seconds * 1000)}, ${speed}`),
    )
  return found
}
