import type { Kysely } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

/** The fee events that no other event of the same source corrects. */
export const liveEvents = (db: Kysely<DatabaseOf<[typeof rawFeeEvent]>>) =>
  db
    .selectFrom('raw.fee_event as e')
    // The few corrected ones fit in memory; a join would hash all the others.
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('e.source', 'e.source_event_id'),
        'not in',
        selectFrom('raw.fee_event as correction')
          .whereRef('correction.supersedes', '!=', 'correction.source_event_id')
          .select(['correction.source', 'correction.supersedes'])
          .$narrowType<{ supersedes: string }>()
          .$asTuple('source', 'supersedes'),
      ),
    )
    .selectAll('e')
