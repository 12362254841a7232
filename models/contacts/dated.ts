import { type Expression, type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { rawContact } from '#pipelines/contacts/contact.ts'

import { businessDate } from '../calendar/business-date.ts'
import type { dimMarketplace } from '../reference/dim-marketplace.ts'
import type { dimReason } from '../reference/dim-reason.ts'

/** The contacts on their business date, grouped by reason, with what counts and what it took. */
export const dated = (
  db: Kysely<DatabaseOf<[typeof rawContact, typeof dimMarketplace, typeof dimReason]>>,
) =>
  db
    .selectFrom('raw.contact as c')
    .innerJoin('mart.dim_marketplace as m', 'm.marketplace', 'c.marketplace')
    .leftJoin('mart.dim_reason as r', (join) =>
      join.on('r.domain', '=', 'contact').onRef('r.reason_code', '=', 'c.reason_code'),
    )
    .select(['c.source', 'c.source_event_id', 'c.channel', 'c.direction', 'c.site'])
    .select(['c.agent_id', 'c.marketplace', 'c.customer_id', 'c.payment_id', 'c.reason_code'])
    .select(['c.offered_at', 'c.answered_at', 'c.wait_seconds', 'c.talk_seconds'])
    .select(['c.hold_seconds', 'c.wrap_seconds', 'c.legs', 'c.is_spam'])
    .select((eb) => {
      const isCounted = eb('c.direction', '=', 'inbound').and('c.is_spam', 'is', false)
      const isHandled = isCounted.and('c.answered_at', 'is not', null).and('c.channel', '!=', 'bot')
      const touched = eb(
        eb('c.talk_seconds', '+', eb.ref('c.hold_seconds')),
        '+',
        eb.ref('c.wrap_seconds'),
      )
      const date = businessDate(eb.ref('c.offered_at'), eb.ref('m.zone'))
      return [
        date.as('business_date'),
        monthOf(date).as('month'),
        eb.fn.coalesce('r.reason_group', sql.lit('unmapped')).as('reason_group'),
        eb.fn.coalesce('r.is_avoidable', eb.lit(false)).as('is_avoidable'),
        isCounted.$castTo<boolean>().as('is_counted'),
        isHandled.$castTo<boolean>().as('is_handled'),
        eb
          .case()
          .when(isHandled)
          .then(shareOfTime(touched, eb.ref('c.concurrent_sessions')))
          .else(sql<string>`0`)
          .end()
          .as('handle_seconds'),
      ]
    })

/** The month of a day, as a cost pool names it. */
export const monthOf = (day: Expression<string>) => sql<string>`to_char(${day}, 'YYYY-MM')`

/** The share of a chat is one of the sessions the agent held at once. */
const shareOfTime = (seconds: Expression<number>, sessions: Expression<number>) =>
  sql<string>`round(${seconds}::numeric / greatest(${sessions}, 1), 6)`
