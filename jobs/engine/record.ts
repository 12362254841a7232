import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { Verdict } from './checks.ts'
import type { ClaimedStep } from './claim.ts'

/** Writes down how each check of a load came out, also of a load that was rolled back for it. */
export async function recordChecks(
  tx: Kysely<AnyDatabase>,
  { run, partition }: Pick<ClaimedStep, 'run' | 'partition'>,
  verdicts: readonly Verdict[],
): Promise<void> {
  if (verdicts.length === 0) return
  await tx
    .insertInto('engine.check_result')
    .values(
      verdicts.map(({ asset, check, broken, sample }) => ({
        run,
        asset,
        partition,
        name: check.name,
        severity: check.severity,
        broken,
        sample: JSON.stringify(sample),
      })),
    )
    .execute()
}
