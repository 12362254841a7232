/** What the product is compared with: COPY of a whole file into a table, and no questions asked. */
import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

import { bareTable } from '../server.ts'

export type BareFormat = 'csv' | 'binary'

const options = { csv: 'csv, header', binary: 'binary' } satisfies Record<BareFormat, string>

/** Whether this machine has psql. Where it has none, a plain client sends the file. */
export function hasPsql(): boolean {
  return spawnSync('psql', ['--version']).status === 0
}

/** psql's own time for `\copy`, in seconds. */
export function copyWithPsql(url: string, path: string, format: BareFormat): number {
  const copy = `\\copy ${bareTable} from '${path}' with (format ${options[format]})`
  const run = spawnSync(
    'psql',
    [url, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', '\\timing on', '-c', copy],
    {
      encoding: 'utf8',
    },
  )
  const [, milliseconds] = /Time: ([\d.]+) ms/.exec(run.stdout) ?? []
  if (run.status !== 0 || !milliseconds) throw new Error(`psql failed: ${run.stderr}${run.stdout}`)
  return Number(milliseconds) / 1000
}

/** The file's bytes into COPY, as psql sends them, without psql. */
export async function copyWithClient(client: Client, path: string, format: BareFormat) {
  const copy = client.query(
    copyFrom(`copy ${bareTable} from stdin with (format ${options[format]})`),
  )
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), copy)
}
