import { policies } from '../appeal-desks.ts'
import type { Policy } from '../appeal-desks.ts'
import { officeOf, openHours } from '../calendars.ts'
import type { OpenHours } from '../calendars.ts'
import type { Marketplace } from '../marketplaces.ts'

/** A stretch of time, from an instant up to another. */
export type Span = readonly [from: number, to: number]

const hoursOf = new Map<string, OpenHours[]>()

/** The policy for a cycle that starts on a day in the queue of a marketplace. */
export function policyFor(marketplace: Marketplace, startedOn: number): Policy {
  const found = policies.find(
    (policy) =>
      policy.marketplace === marketplace.code &&
      startedOn >= policy.validFrom &&
      (policy.validTo === null || startedOn <= policy.validTo),
  )
  if (!found)
    throw new Error(
      `No policy for appeals of ${marketplace.code}: add one to pipelines/demo/appeal-desks.ts.`,
    )
  return found
}

/** Seconds on the policy's clock between two instants, waits on the seller taken out where the policy says so. */
export function elapsed(policy: Policy, [from, to]: Span, waits: readonly Span[]): number {
  const paused = policy.pauses ? waits : []
  return paused.reduce(
    (left, [waitFrom, waitTo]) =>
      left - onClock(policy, [Math.max(from, waitFrom), Math.min(to, waitTo)]),
    onClock(policy, [from, to]),
  )
}

function onClock(policy: Policy, [from, to]: Span): number {
  if (to <= from) return 0
  if (policy.clock === 'calendar') return to - from
  const hours = hoursOf.get(policy.calendar) ?? openHours(officeOf(policy.calendar))
  hoursOf.set(policy.calendar, hours)
  let open = 0
  for (let at = firstEndingAfter(hours, from); at < hours.length; at++) {
    const { from: opens, to: closes } = hours[at] as OpenHours
    if (opens >= to) break
    open += Math.min(to, closes) - Math.max(from, opens)
  }
  return open
}

function firstEndingAfter(hours: readonly OpenHours[], instant: number): number {
  let low = 0
  let high = hours.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hours[middle] as OpenHours).to > instant) high = middle
    else low = middle + 1
  }
  return low
}
