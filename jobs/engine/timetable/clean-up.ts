import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { forgetOldAlerts } from '../../alerts/forget.ts'
import { forgetOld } from '../retention.ts'
import { forgetOldQuestions } from '../../forget-questions.ts'

/** Forgets all that is old enough, a little at a time. */
export async function cleanUp(
  db: Kysely<AnyDatabase>,
  { signal, atMost = 200 }: { signal: AbortSignal; atMost?: number },
): Promise<void> {
  for (const forget of [forgetOld, forgetOldAlerts, forgetOldQuestions])
    while (!signal.aborted && (await forget(db, { atMost })) === atMost);
}
