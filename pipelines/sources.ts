/** Every feed Recoup knows. `ingest --as <feed>` takes the part of the name after `raw.`. */
import type { Source } from '#kit/asset.ts'
import { rawCaseEvent } from './cases/case-event.ts'
import { rawCase } from './cases/case.ts'
import { rawContact } from './contacts/contact.ts'
import { rawFeeEvent } from './fees/fee-event.ts'
import { rawFee } from './fees/fee.ts'
import { rawPaymentEvent } from './payments/payment-event.ts'
import { rawAgent } from './reference/agent.ts'
import { rawCalendarDay } from './reference/calendar-day.ts'
import { rawCategory } from './reference/category.ts'
import { rawCostPool } from './reference/cost-pool.ts'
import { rawFxRate } from './reference/fx-rate.ts'
import { rawMarketplace } from './reference/marketplace.ts'
import { rawMinorUnit } from './reference/minor-unit.ts'
import { rawPartner } from './reference/partner.ts'
import { rawRateCard } from './reference/rate-card.ts'
import { rawReason } from './reference/reason.ts'
import { rawSeller } from './reference/seller.ts'
import { rawSlaPolicy } from './reference/sla-policy.ts'
import { rawTarget } from './reference/target.ts'

export const sources: readonly Source[] = [
  rawFee,
  rawFeeEvent,
  rawPaymentEvent,
  rawCase,
  rawCaseEvent,
  rawContact,
  rawMarketplace,
  rawSeller,
  rawPartner,
  rawCategory,
  rawAgent,
  rawReason,
  rawRateCard,
  rawSlaPolicy,
  rawCalendarDay,
  rawFxRate,
  rawTarget,
  rawCostPool,
  rawMinorUnit,
]
