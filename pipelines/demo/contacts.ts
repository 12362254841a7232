import { rawContact } from '../contacts/contact.ts'
import { agentId, siteOf } from './agents.ts'
import { channelWeights, reasonWeights, settles, siteFor, unknownReason } from './contact-mix.ts'
import type { Channel, ContactReason } from './contact-mix.ts'
import { DIRT, recordedAfter, send } from './dirt.ts'
import { FeedFiles } from './feed-files.ts'
import type { Written } from './feed-files.ts'
import type { Marketplace } from './marketplaces.ts'
import { paymentId } from './payment-line.ts'
import { stream } from './random.ts'
import type { Random } from './random.ts'
import { secondOfDay } from './season.ts'
import { DAY, EXTRACTED_AT, HOUR, instantText } from './time.ts'

const DESK = 'contact_desk'

/** A contact as it truly was: what the feed shows once its dirt is cleaned off. */
export interface Contact {
  id: string
  marketplace: Marketplace
  channel: Channel
  isInbound: boolean
  isSpam: boolean
  site: string
  agent: string
  customer: number
  payment: string
  reason: ContactReason
  offeredAt: number
  answeredAt: number | null
  wait: number
  talk: number
  hold: number
  wrap: number
  sessions: number
  legs: number
}

/** Payments of the day that a contact may be about. */
export interface PaymentRange {
  first: number
  count: number
}

/** Generates contacts and the further contacts of matters that were not settled, and writes them. */
export class ContactFeed {
  /** Every contact that was recorded before the feeds were extracted. */
  readonly ledger: Contact[] = []
  readonly #files: FeedFiles
  readonly #seed: number
  #nextContact = 0
  #nextCustomer = 0

  constructor(outDir: string, seed: number) {
    this.#files = new FeedFiles(
      outDir,
      'contact',
      Object.keys(rawContact.contract.shape).join(','),
      'quarter',
    )
    this.#seed = seed
  }

  /** Sends the matters that come up on a day, with every contact they lead to. */
  sendDay(marketplace: Marketplace, day: number, expected: number, payments: PaymentRange): void {
    const random = stream(this.#seed, 'contacts', marketplace.code, day)
    const start = marketplace.zone.startOf(day)
    const length = marketplace.zone.lengthOf(day)
    for (let left = random.poisson(expected); left > 0; left--) {
      const reason = random.chance(0.002) ? unknownReason : random.weighted(reasonWeights)
      const isKnown = payments.count > 0 && random.chance(0.6)
      const payment = isKnown ? paymentId(payments.first + random.whole(0, payments.count - 1)) : ''
      const isBack = this.#nextCustomer > 100 && random.chance(0.04)
      const customer = isBack ? this.#nextCustomer - random.whole(1, 100) : this.#nextCustomer++
      let at = start + Math.floor((secondOfDay(random.next()) * length) / DAY)
      for (let contacts = 1; at < EXTRACTED_AT; contacts++) {
        const contact = this.#contact(marketplace, reason, at, random)
        Object.assign(contact, { customer, payment })
        this.#send(contact, random)
        if (
          !contact.isInbound ||
          contact.isSpam ||
          contacts === 4 ||
          random.chance(this.#settled(contact))
        )
          break
        at += Math.floor(
          random.chance(0.93)
            ? random.between(600, 6.5 * DAY)
            : random.between(7.5 * DAY, 12 * DAY),
        )
      }
    }
  }

  /** A contact recorded at the very end, so that the feed is known to be complete up to there. */
  sendLast(marketplace: Marketplace, random: Random): void {
    const contact = this.#contact(marketplace, unknownReason, EXTRACTED_AT - HOUR / 2, random)
    contact.customer = this.#nextCustomer++
    this.ledger.push(contact)
    this.#files.write(EXTRACTED_AT / DAY, contactLine(contact, contact.talk, EXTRACTED_AT))
  }

  close(): Written {
    return this.#files.close()
  }

  #settled({ answeredAt, channel, site, reason }: Contact): number {
    if (channel === 'bot') return 0.7
    return answeredAt === null ? 0.4 : settles(site, reason.isEasy)
  }

  #contact(marketplace: Marketplace, reason: ContactReason, at: number, random: Random): Contact {
    const channel: Channel = random.weighted(channelWeights)
    const isInbound = !random.chance(0.05)
    const isSpam = isInbound && channel === 'email' && random.chance(0.05)
    const isBot = channel === 'bot'
    const site = siteFor(marketplace.code, marketplace.zone.dayOf(at), reason.isEasy, random.next())
    const isAnswered =
      !isBot && !isSpam && !(isInbound && channel !== 'email' && random.chance(0.06))
    const wait = isBot ? 0 : Math.floor(random.exponential(channel === 'email' ? 5 * HOUR : 45))
    const typical =
      { voice: 330, chat: 620, email: 300, bot: 90 }[channel] * (reason.isEasy ? 0.8 : 1.25)
    const [first, last] = siteOf(site).agents
    return {
      id: `K${(this.#nextContact++).toString(36).padStart(4, '0')}`,
      marketplace,
      channel,
      isInbound,
      isSpam,
      site: isBot ? '' : site,
      agent: isAnswered ? agentId(random.whole(first, last)) : '',
      customer: 0,
      payment: '',
      reason,
      offeredAt: at,
      answeredAt: isAnswered ? at + wait : null,
      wait,
      talk: isAnswered || isBot ? Math.round(random.lognormal(typical, 0.5)) : 0,
      hold: isAnswered && channel === 'voice' ? Math.round(random.exponential(25)) : 0,
      wrap: isAnswered ? Math.round(random.lognormal(45, 0.4)) : 0,
      sessions: isAnswered && channel === 'chat' ? random.whole(1, 3) : 1,
      legs: isAnswered && random.chance(0.08) ? 2 : 1,
    }
  }

  #send(contact: Contact, random: Random): void {
    const endedAt = contact.offeredAt + contact.wait + contact.talk + contact.hold + contact.wrap
    const recordedAt = recordedAfter(random, endedAt)
    if (recordedAt > EXTRACTED_AT) return
    const correctedAt = recordedAt + DAY
    if (
      contact.answeredAt !== null &&
      correctedAt <= EXTRACTED_AT &&
      random.chance(DIRT.newerVersion)
    ) {
      send(this.#files, random, recordedAt, contactLine(contact, contact.talk * 10, recordedAt))
      send(this.#files, random, correctedAt, contactLine(contact, contact.talk, correctedAt))
    } else send(this.#files, random, recordedAt, contactLine(contact, contact.talk, recordedAt))
    this.ledger.push(contact)
  }
}

function contactLine(contact: Contact, talk: number, recordedAt: number): string {
  const { id, channel, site, agent, marketplace, payment, offeredAt, answeredAt } = contact
  const how = `${DESK},${id},${channel},${contact.isInbound ? 'inbound' : 'outbound'},${site},${agent}`
  const who = `${marketplace.code},U${contact.customer.toString(36)},${payment},${contact.reason.code}`
  const when = `${instantText(offeredAt)},${answeredAt === null ? '' : instantText(answeredAt)}`
  const times = `${contact.wait},${talk},${contact.hold},${contact.wrap},${contact.sessions},${contact.legs}`
  return `${how},${who},${when},${times},${contact.isSpam},${instantText(recordedAt)}\n`
}
