import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { Verdict } from './checks.ts'
import type { Loaded } from './materialize.ts'

interface OfStep {
  run: number
  asset: string
}

/** Writes down that a load was committed: what it did, which code did it and what it had read. */
export async function recordMaterialization(
  tx: Kysely<AnyDatabase>,
  { run, asset }: OfStep,
  load: Loaded & {
    reads: Record<string, number>
    codeVersion: string | null
  },
): Promise<void> {
  await tx
    .insertInto('engine.materialization')
    .values({
      run,
      asset,
      code_version: load.codeVersion,
      rows: load.rows,
      changed: load.changed,
      reads: JSON.stringify(load.reads),
      metadata: JSON.stringify(load.metadata),
    })
    .execute()
}

/** Writes down how each check of a load came out, also of a load that was rolled back for it. */
export async function recordChecks(
  tx: Kysely<AnyDatabase>,
  { run, asset }: OfStep,
  verdicts: readonly Verdict[],
): Promise<void> {
  if (verdicts.length === 0) return
  await tx
    .insertInto('engine.check_result')
    .values(
      verdicts.map(({ check, broken, sample }) => ({
        run,
        asset,
        name: check.name,
        severity: check.severity,
        broken,
        sample: JSON.stringify(sample),
      })),
    )
    .execute()
}
