import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect } from 'vitest'

import { test } from '#test/kit/database.ts'

const run = promisify(execFile)
const program = join(import.meta.dirname, 'memory.process.ts')

test(
  'three times the rows take no more memory',
  { timeout: 120_000 },
  async ({ url, database }) => {
    const make = (rows: number) =>
      database.pool.query(`create table mart.rows_${rows} as
      select n as id, n::int8 * 1000003 as amount_minor, n * 0.0000000001::numeric(12, 10) as rate,
        md5(n::text) as event, timestamptz '2026-01-01Z' + n * interval '1.000001 s' as recorded_at,
        'DE' as marketplace, n % 7 = 0 as is_late, case n % 3 when 0 then date '2026-01-01' end as day
      from generate_series(1, ${rows}) as n`)
    const sizes = [200_000, 600_000]
    await Promise.all(sizes.map(make))
    const folder = await mkdtemp(join(tmpdir(), 'export-'))

    for (const ending of ['arrow', 'parquet', 'ndjson.gz']) {
      const peaks = []
      for (const rows of sizes) {
        const file = join(folder, `${rows}.${ending}`)
        const { stdout } = await run(process.execPath, [program, url, `mart.rows_${rows}`, file])
        const told = JSON.parse(stdout) as { rows: number; megabytes: number }
        expect(told.rows).toBe(rows)
        peaks.push(told.megabytes)
      }
      const [few = 0, many = Infinity] = peaks
      expect(many, `${ending}: ${peaks.join(' MB, then ')} MB`).toBeLessThan(few + 60)
    }
  },
)
