/** All models. Their order says nothing: jobs sort them by what they read. */
import type { Model } from '#kit/asset.ts'

import { dimDate } from './calendar/dim-date.ts'
import { refCalendarDay } from './calendar/ref-calendar-day.ts'
import { refWatermark } from './calendar/ref-watermark.ts'
import { factCaseCycle } from './cases/fact-case-cycle.ts'
import { factCaseEvent } from './cases/fact-case-event.ts'
import { factCase } from './cases/fact-case.ts'
import { dimAgent } from './contacts/dim-agent.ts'
import { factContact } from './contacts/fact-contact.ts'
import { factFeeEvent } from './fees/fact-fee-event.ts'
import { factFee } from './fees/fact-fee.ts'
import { factOpenItemSnapshot } from './open-items/fact-open-item-snapshot.ts'
import { dimPartner } from './partners/dim-partner.ts'
import { factPaymentEvent } from './payments/fact-payment-event.ts'
import { factPayment } from './payments/fact-payment.ts'
import { dimCategory } from './reference/dim-category.ts'
import { dimMarketplace } from './reference/dim-marketplace.ts'
import { dimReason } from './reference/dim-reason.ts'
import { dimSeller } from './reference/dim-seller.ts'
import { refCostPool } from './reference/ref-cost-pool.ts'
import { refFxRate } from './reference/ref-fx-rate.ts'
import { refMinorUnit } from './reference/ref-minor-unit.ts'
import { refRateCard } from './reference/ref-rate-card.ts'
import { refSlaPolicy } from './reference/ref-sla-policy.ts'
import { refTarget } from './reference/ref-target.ts'

export const models: readonly Model[] = [
  dimDate,
  dimMarketplace,
  dimSeller,
  dimPartner,
  dimCategory,
  dimAgent,
  dimReason,
  refCalendarDay,
  refWatermark,
  refMinorUnit,
  refFxRate,
  refRateCard,
  refSlaPolicy,
  refTarget,
  refCostPool,
  factFeeEvent,
  factFee,
  factOpenItemSnapshot,
  factPaymentEvent,
  factPayment,
  factCaseEvent,
  factCaseCycle,
  factCase,
  factContact,
]
