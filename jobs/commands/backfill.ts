import { planRequest } from '../engine/request.ts'
import type { Only } from '../engine/states.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { openWorks } from '../worker.ts'
import { carryOut, type HowToRun } from './engine/carry-out.ts'
import { selected } from './engine/selected.ts'
import { type Typed, which } from './engine/which.ts'
import { nothingWords, typedOf } from './run.ts'

/** What was typed after `recoup backfill`. */
export interface BackfillOptions extends Typed, HowToRun {
  only?: Only
  /** Partitions in a step. */
  batch?: number
  atOnce: number
}

/** The smaller the sooner, and live work is 0. */
const priority = 10

/** `recoup backfill`: partitions of the past, so many at once and behind live work. */
export async function backfill(
  words: readonly string[],
  options: BackfillOptions,
): Promise<number> {
  const { partitions, from, to, only, batch, atOnce } = options
  if (words.length === 0)
    throw new UsageError(
      'Of what? Name assets, such as: recoup backfill fact_fee --from 2026-01 --to 2026-03. ' +
        'All of them: recoup assets',
    )
  requireWarehouse()
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    const { db, plan } = works
    const units = selected(words, plan.assets)
    const { keysOf, notes } = which(units, typedOf({ partitions, from, to }))
    const request = { selection: words.join(' '), partitions, from, to, only, batch }
    const planned = await planRequest(
      db,
      { assets: plan.assets },
      {
        kind: 'backfill',
        request,
        units,
        priority,
        atOnce,
        ...(keysOf && { keysOf }),
        ...(only && { only }),
        ...(batch && { batch }),
      },
    )
    const told = { plan: planned, notes, nothing: nothingWords(words, only) }
    return await carryOut(works, told, options, signal)
  })
}
