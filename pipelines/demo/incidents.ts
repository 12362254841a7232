import {
  flatServiceFee,
  fraudRing,
  offshoreShift,
  outage,
  plLaunch,
  staffLoss,
  wrongUnit,
} from './stories.ts'
import { dateText, instantText } from './time.ts'

/** A planted story as truth.json lists it. */
export interface Incident {
  story: string
  title: string
  from: string | null
  to: string | null
  slice: Record<string, string>
  /** What should be seen, and where nothing should. */
  expected: string
  unaffected: string
  /** now: today's feeds show it. partly: they show some of it. later: the feeds it needs do not exist yet. */
  feeds: 'now' | 'partly' | 'later'
}

/** The ten planted stories. */
export const incidents: readonly Incident[] = [
  {
    story: 'a',
    title: 'PL starts to charge fees',
    from: dateText(plLaunch.day),
    to: dateText(plLaunch.day + 7 * plLaunch.weeksToLearn - 1),
    slice: { marketplace: 'PL' },
    feeds: 'now',
    expected:
      'no fees before; few sellers charged at first; recovery_cohort_rate_30d about 15 points under the others at launch, level after 20 weeks',
    unaffected: 'payments and contacts of PL',
  },
  {
    story: 'b',
    title: 'Service fee becomes flat',
    from: dateText(flatServiceFee.from),
    to: dateText(flatServiceFee.disputedMoreUntil - 1),
    slice: { fee_kind: 'service_fee' },
    feeds: 'now',
    expected:
      'from 1 January 2026 small sellers pay more, large ones less; fees disputed rise by 60 % for five weeks',
    unaffected: 'eco_contribution',
  },
  {
    story: 'c',
    title: 'Part of a weight read in the wrong unit',
    from: dateText(wrongUnit.from),
    to: dateText(wrongUnit.to),
    slice: { marketplace: 'FR and IT', category: 'textile; in IT packaging_plastic too' },
    feeds: 'partly',
    expected:
      'FR textile charged three times too much, IT a fifth of what is due; corrections and refunds six weeks later; what should have been charged (fee accuracy) has no KPI yet',
    unaffected: 'recovery_cohort_rate_90d does not fall after the correction',
  },
  {
    story: 'd',
    title: 'Acquirer A is down for 3 h 40',
    from: instantText(outage.from),
    to: instantText(outage.to),
    slice: { partner: outage.partner },
    feeds: 'partly',
    expected:
      "all its attempts fail as partner_down or technical; contacts rise by 35 % on the next two days; downtime, credit and the partner's own log need feeds that come later",
    unaffected: 'acquirer_b; contacts of SE',
  },
  {
    story: 'e',
    title: 'The Italian appeal queue loses 40 % of its staff',
    from: dateText(staffLoss.from),
    to: dateText(staffLoss.to),
    slice: { queue: 'appeals_it' },
    feeds: 'now',
    expected:
      'appeals decided then are nearly all in time, yet sla_attainment of those received falls to about 60 %; backlog over 7 days grows first',
    unaffected: 'all other queues',
  },
  {
    story: 'f',
    title: 'Contacts move offshore',
    from: dateText(offshoreShift.from),
    to: null,
    slice: { site: 'MNL' },
    feeds: 'now',
    expected:
      'cost_per_contact falls by about 28 %, fcr by about 9 points, repeats rise; offshore looks better than it is because it takes the easy reasons',
    unaffected: 'SE, US and JP keep their sites',
  },
  {
    story: 'g',
    title: 'Settlement slips around a bank holiday',
    from: null,
    to: null,
    slice: {},
    feeds: 'later',
    expected: 'nothing: settlements have no feed yet',
    unaffected: 'everything',
  },
  {
    story: 'h',
    title: 'A fraud ring tries stolen cards',
    from: dateText(fraudRing.from),
    to: dateText(fraudRing.to),
    slice: { marketplace: fraudRing.marketplace },
    feeds: 'partly',
    expected:
      "decline_mix_fraud rises in US, refunds follow; the card schemes' dispute ratio needs a feed that comes later",
    unaffected: 'all other marketplaces',
  },
  {
    story: 'i',
    title: 'Reimbursement policy changes',
    from: null,
    to: null,
    slice: {},
    feeds: 'later',
    expected: 'nothing: reimbursements have no feed yet',
    unaffected: 'everything',
  },
  {
    story: 'j',
    title: 'Nothing happens in SE',
    from: null,
    to: null,
    slice: { marketplace: 'SE' },
    feeds: 'now',
    expected: 'no alarm: SE has no sweep, no shift, no outage contacts',
    unaffected: 'SE',
  },
]
