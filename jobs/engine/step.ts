import { crc32 } from 'node:zlib'

import type { Kysely } from 'kysely'
import type { Pool } from 'pg'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { judge, type Verdict } from './checks.ts'
import type { ClaimedStep } from './claim.ts'
import { FinalError } from './errors.ts'
import type { Unit } from './graph.ts'
import type { Intake } from './intake.ts'
import { fetchAll, loadAsset } from './load.ts'
import { obeying } from './obeying.ts'
import { nobody, type Onlooker } from './observe/onlooker.ts'
import { partOf } from './part.ts'
import { newestOf } from './partition-states.ts'
import { progressOf } from './progress.ts'
import type { Ready } from './ready.ts'
import { recordChecks } from './record.ts'
import { type Materialized, settleDone } from './settle.ts'
import { inTransaction } from './transaction.ts'

/** What a step needs to run. */
export interface Workshop {
  db: Kysely<AnyDatabase>
  pool: Pool
  units: ReadonlyMap<string, Unit>
  byName: ReadonlyMap<string, Asset>
  intake: Intake
}

/**
 * Materializes a claimed step's unit. What is slow comes first, outside any transaction; load, checks,
 * record and the children's count are one transaction, which only commits if the attempt still owns
 * the step. However often a step starts, it takes effect once. The result is what may start now.
 */
export async function runStep(
  { db, pool, units, byName, intake }: Workshop,
  step: ClaimedStep,
  signal: AbortSignal,
  { log, stage, loaded }: Onlooker = nobody,
): Promise<Ready[]> {
  const unit = units.get(step.asset)
  if (!unit)
    throw new FinalError(
      `${step.asset} is in run ${step.run}, but no longer among the assets. ` +
        'It was planned by another version of the code; start a new run.',
    )
  const progress = progressOf(db, step)
  const context = { db, pool, signal, progress: progress.report, log }
  const names = unit.reads.map(({ name }) => name)
  try {
    const reads = await newestOf(db, names)
    const part = await partOf(db, unit, step, byName)
    const outputs = part.slices.length > 0 ? unit.outputs : []
    const fetched = await stage('fetch', () =>
      obeying(signal, fetchAll(intake, { ...unit, outputs }, part, context)),
    )
    return await inTransaction(
      pool,
      signal,
      async ({ tx, client }) => {
        const materialized: Materialized[] = []
        const verdicts: Verdict[] = []
        for (const [place, asset] of outputs.entries()) {
          const load = { tx, client, intake, fetched: fetched[place] ?? [], context }
          const done = await stage('load', () => loadAsset(asset, part, load))
          materialized.push(...done)
          if (done.some(({ changed }) => changed))
            verdicts.push(...(await stage('checks', () => judge(tx, asset, part.covering))))
        }
        signal.throwIfAborted()
        loaded(materialized, verdicts)
        return await stage('settle', async () => {
          await recordChecks(tx, step, verdicts)
          return await settleDone(client, step, { materialized, reads })
        })
      },
      locksOn(unit, step),
    )
  } finally {
    await progress.end()
  }
}

/**
 * Two runs, or an attempt and its forerunner that is not yet gone, never load the same rows together:
 * single partitions share their unit and have themselves alone; all else has the unit alone.
 */
function locksOn({ name }: Unit, { partition, keys }: ClaimedStep): string {
  const lock = (how: string, word: string) =>
    `select pg_advisory_xact_lock${how}(${locks.load}, ${crc32(word) | 0})`
  const isAlone = partition === '' || keys !== null
  if (isAlone) return lock('', name)
  return `${lock('_shared', name)}; ${lock('', `${name}/${partition}`)}`
}
