import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

import { liveEvents } from './live-events.ts'

/**
 * The change behind each restated charge: the new total less the fee's net charge just before it.
 * A total explains some part that the deltas up to it do not; its own change is that part less the
 * same part of the total before it. So two running sums replace a walk through the events.
 */
export const restatements = (db: Kysely<DatabaseOf<[typeof rawFeeEvent]>>) =>
  db
    .selectFrom(unexplained(db).as('total'))
    .where('total.is_restated', '=', true)
    .select((eb) => {
      const before = eb.fn
        .agg<number>('lag', ['total.unexplained', sql.lit(1), sql.lit(0)])
        .over((over) =>
          over
            .partitionBy('total.fee_id')
            .orderBy('total.occurred_at')
            .orderBy('total.source_event_id')
            .orderBy('total.source'),
        )
      return [
        'total.source',
        'total.source_event_id',
        eb.cast<number>(eb('total.unexplained', '-', before), 'int8').as('delta_minor'),
      ]
    })

/** The charges of restated fees, each with what its amount is beyond the sum of deltas up to it. */
const unexplained = (db: Kysely<DatabaseOf<[typeof rawFeeEvent]>>) =>
  db
    .selectFrom(liveEvents(db).as('e'))
    .where('e.event_type', 'in', ['charged', 'adjusted', 'waived'])
    // Few fees have a restated event; only those are sorted.
    .where('e.fee_id', 'in', ({ selectFrom }) =>
      selectFrom('raw.fee_event').select('fee_id').where('amount_kind', '=', 'restated'),
    )
    .select((eb) => {
      const isRestated = eb('e.amount_kind', '=', 'restated').and('e.event_type', '!=', 'waived')
      const delta = eb
        .case()
        .when(isRestated)
        .then(sql.lit(0))
        .when('e.event_type', '=', 'waived')
        .then(eb.neg(eb.ref('e.amount_minor')))
        .else(eb.ref('e.amount_minor'))
        .end()
      const deltas = eb.fn
        .sum<number>(delta)
        .over((over) =>
          over
            .partitionBy('e.fee_id')
            .orderBy('e.occurred_at')
            .orderBy('e.source_event_id')
            .orderBy('e.source'),
        )
      return [
        'e.source',
        'e.source_event_id',
        'e.fee_id',
        'e.occurred_at',
        isRestated.as('is_restated'),
        eb('e.amount_minor', '-', deltas).as('unexplained'),
      ]
    })
