import { buffer } from 'node:stream/consumers'

import type pg from 'pg'

import { type Doors, openExport } from '#jobs/export/export.ts'
import { packagingOf } from '#jobs/export/formats.ts'
import type { Asked } from '#jobs/export/subject.ts'

/** The whole of an export, in memory. */
export async function exported(
  pool: pg.Pool,
  asked: Asked & { format: string; compression?: string },
  doors: Partial<Doors> = {},
): Promise<Buffer<ArrayBuffer>> {
  await using out = await openExport(asked, packagingOf(asked), { ...tables(pool), ...doors })
  return Buffer.from(await buffer(out.bytes))
}

/** What an export of tables needs: nothing of Cube. */
export function tables(pool: pg.Pool): Doors {
  return {
    pool,
    kpis: () => Promise.reject(new Error('No KPI was asked for.')),
    signal: new AbortController().signal,
  }
}

/** The digits of a 128-bit decimal, as apache-arrow hands it out: four words, the lowest first. */
export function unscaled(decimal: unknown): bigint {
  const words = [...(decimal as Uint32Array)]
  return BigInt.asIntN(
    128,
    words.reduceRight((sum, word) => (sum << 32n) + BigInt(word), 0n),
  )
}
