import type { Socket } from 'node:net'

import type { User } from '../../access/user.ts'
import { Refusal } from '../refusal.ts'
import { relayAnswers } from './from-backend.ts'
import { relayMessages } from './from-client.ts'
import { sayGoodbye } from './goodbye.ts'
import { errorMessage } from './messages.ts'
import { tell } from './questions.ts'
import type { Relay } from './relay.ts'
import { releaseBackend } from './release.ts'
import { createRequests } from './requests.ts'
import { createStatements } from './statements.ts'

/** Somebody connected, with a session of the warehouse of its own. */
export interface Session {
  /** Has the warehouse cancel what runs, because the client asked for it or because it is late. */
  cancel(why: 'asked' | 'late'): Promise<void>
  /** Since when a statement runs; undefined when none does. */
  runsSince(): number | undefined
  /** Ends it with a last word. */
  end(reason: Refusal): void
  /** When both sides have let go. */
  closed: Promise<unknown>
}

type Given = Pick<
  Relay,
  'client' | 'backend' | 'person' | 'translator' | 'limits' | 'audit' | 'onProblem'
> & { socket: Socket; user: User; unread: Buffer }

/** Relays between a client and the warehouse until one of them ends it. */
export function startSession({ socket, user, unread, ...given }: Given): Session {
  const { client, backend, limits, audit, person } = given
  const relay: Relay = {
    ...given,
    asker: { user: user.name, context: user.context },
    requests: createRequests(),
    statements: createStatements(),
    portals: new Map(),
    cycle: 0,
    isCancelled: false,
    isOver: false,
    hadLastWord: false,
    leave: () => close(),
    end: (reason) => close(reason),
  }
  const released = Promise.withResolvers<void>()
  const gone = new Promise<void>((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
  const answers = relayAnswers(relay)

  for (const event of ['end', 'close', 'error'] as const) {
    client.on(event, () => close())
    backend.stream.on(event, () => close(relay.hadLastWord ? undefined : lost))
  }
  socket.setTimeout(limits.idleMs, () => close(idle(limits.idleMs)))
  backend.stream.resume()
  relayMessages(relay, unread)
  client.resume()

  return {
    async cancel(why) {
      if (!relay.requests.first()) return
      relay.isCancelled = why === 'asked'
      await backend.cancel()
    },
    runsSince: () => relay.requests.since(),
    end: (reason) => close(reason),
    closed: Promise.all([released.promise, gone]),
  }

  function close(reason?: Refusal) {
    if (relay.isOver) return
    relay.isOver = true
    const running = relay.requests.first()
    const asked = running?.portal?.question ?? running?.question
    if (asked) tell(audit, person, asked, 'cancelled', reason?.code ?? null)
    // In the middle of a message a last word would be read as part of it.
    const isHeard = reason && answers.isBetweenMessages()
    sayGoodbye({ socket, stream: client }, isHeard ? errorMessage(reason, 'FATAL') : undefined)
    void releaseBackend(backend, { isBusy: running !== undefined }).then(released.resolve)
  }
}

/** The last word to a client whose session the warehouse has ended without one. */
const lost = new Refusal('The warehouse ended the session.', {
  code: '57P01',
  hint: 'Connect again in a moment.',
})

function idle(ms: number) {
  return new Refusal(
    `Nothing was asked for ${Math.round(ms / 60_000)} minutes; the session ends.`,
    {
      code: '57P05',
      hint: 'Connect again.',
    },
  )
}
