import { type CancelKey, createCancelKeys } from './cancel-keys.ts'
import type { Limits } from './limits.ts'
import type { Person } from './questions.ts'
import { Refusal } from '../refusal.ts'
import type { Session } from './session.ts'

/** Who is connected, as told to an operator. */
export interface Sitting {
  user: string
  address: string
  application: string
  since: Date
  isRunning: boolean
}

/** A place for one session, taken before there is one. */
export interface Seat {
  key: CancelKey
  sit(session: Session): void
  leave(): void
}

/** All that are connected, and how many more may be. */
export interface Sessions {
  /** Whether one more may begin to sign in; if so, it parts when it has or has not. */
  greet(): boolean
  part(): void
  /** @throws Refusal when there is none */
  takeSeat(person: Person): Seat
  cancel(key: CancelKey): Promise<void>
  list(): Sitting[]
  /** Ends all. */
  close(reason: Refusal): Promise<void>
}

const everyMs = 1000

interface Taken {
  person: Person
  since: Date
  session: Session | undefined
}

export function createSessions(limits: Limits): Sessions {
  const taken = new Set<Taken>()
  const keys = createCancelKeys<Taken>()
  let strangers = 0
  // A client can lift the warehouse's own limit for itself, but not this one.
  const timer = setInterval(() => {
    const now = performance.now()
    for (const { session } of taken) {
      const since = session?.runsSince() ?? now
      if (now - since > limits.statementMs + everyMs) void session?.cancel('late')
    }
  }, everyMs)
  timer.unref()

  return {
    greet() {
      if (strangers >= limits.strangers) return false
      strangers++
      return true
    },
    part() {
      strangers--
    },
    takeSeat(person) {
      const own = [...taken].filter((one) => one.person.user === person.user).length
      if (own >= limits.sessionsPerUser)
        throw tooMany(`${person.user} has ${own} connections, as many as one user may have.`)
      if (taken.size >= limits.sessions)
        throw tooMany(`There are ${taken.size} connections, as many as may be.`)
      const seat: Taken = { person, since: new Date(), session: undefined }
      taken.add(seat)
      const key = keys.give(seat)
      const leave = () => {
        taken.delete(seat)
        keys.takeBack(key)
      }
      return {
        key,
        leave,
        sit(session) {
          seat.session = session
          void session.closed.then(leave)
        },
      }
    },
    cancel: async (key) => keys.find(key)?.session?.cancel('asked'),
    list: () =>
      [...taken].map(({ person, since, session }) => ({
        user: person.user,
        address: person.address,
        application: person.application,
        since,
        isRunning: session?.runsSince() !== undefined,
      })),
    async close(reason) {
      clearInterval(timer)
      const sitting = [...taken].flatMap(({ session }) => session ?? [])
      for (const session of sitting) session.end(reason)
      await Promise.all(sitting.map(({ closed }) => closed))
    },
  }
}

export function tooMany(found: string): Refusal {
  return new Refusal(found, { code: '53300', hint: 'Close connections that are not used.' })
}
