import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Source } from '#kit/asset.ts'
import { exampleFile } from '#kit/describe.ts'
import { type FileLoad, loadFile, type LoadOptions } from '#kit/load/load-file.ts'
import { quoted } from '#kit/load/merge-sql.ts'
import { columns } from '#kit/table.ts'
import { test as base, type TestDatabase } from '#test/kit/database.ts'

/** Writes feed files and loads them. */
export interface Loader {
  folder: string
  write: (name: string, content: string | Buffer) => string
  load: (source: Source, path: string, options?: LoadOptions) => Promise<FileLoad>
  /** Loads a file made of these lines. */
  loadLines: (source: Source, ...lines: string[]) => Promise<FileLoad>
  /** A table's rows without the way back to their load, in the order of the key. */
  table: (source: Source) => Promise<object[]>
  quarantine: () => Promise<{ line: number; raw_text: string; reason: string }[]>
}

/** A test with a warehouse and a `loader` to load files with. */
export const test = base.extend('loader', async ({ database }, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-feed-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  return loaderIn(folder, database)
})

/** A loader into a warehouse; what it writes goes into the folder. */
export function loaderIn(folder: string, { pool }: TestDatabase): Loader {
  let files = 0
  const loader: Loader = {
    folder,
    write(name, content) {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    load: (source, path, options) => loadFile(pool, source, path, options),
    loadLines: (source, ...lines) =>
      loader.load(source, loader.write(`${++files}.csv`, `${lines.join('\n')}\n`)),
    async table(source) {
      const names = columns(source).map(({ name }) => quoted(name))
      const key = source.grain.map(quoted)
      const { rows } = await pool.query<object>(
        `select ${names.join(', ')} from ${quoted(source.name)} order by ${key.join(', ')}`,
      )
      return rows
    },
    async quarantine() {
      const { rows } = await pool.query<{ line: number; raw_text: string; reason: string }>(
        'select line, raw_text, reason from raw.quarantine order by load_id, line',
      )
      return rows
    },
  }
  return loader
}

/** The header of a feed and its example row with some cells changed. */
export function example(source: Source, changes: Record<string, string> = {}): [string, string] {
  const [header = '', row = ''] = exampleFile({
    ...source,
    example: { ...source.example, ...changes },
  })
    .trimEnd()
    .split('\n')
  return [header, row]
}
