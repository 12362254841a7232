import type { Socket } from 'node:net'

import pg from 'pg'

import type { FindUser, User } from '../../access/user.ts'
import type { Audit } from '../audit.ts'
import { Refusal } from '../refusal.ts'
import type { Translator } from '../translator.ts'
import type { SecureContext } from 'node:tls'
import { authenticate, wrongPassword } from './authenticate.ts'
import { type Backend, openBackend } from './backend.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { sayGoodbye } from './goodbye.ts'
import type { Limits } from './limits.ts'
import { errorMessage, int32, message, parameterStatus, readyMessage } from './messages.ts'
import { readWishes, type Wishes } from './parameters.ts'
import type { Person } from './questions.ts'
import { ConnectionEnded } from './reader.ts'
import { releaseBackend } from './release.ts'
import { type Session, startSession } from './session.ts'
import { type Caller, type Canceller, type Line, openLine, readStartUp } from './start-up.ts'
import { type Sessions, tooMany } from './sessions.ts'
import type { Throttle } from './throttle.ts'

/** What every connection is received with. */
export interface House {
  translator: Translator
  findUser: FindUser
  backend: pg.ClientConfig
  /** The names of the database that clients may connect to. */
  databases: readonly string[]
  secure: SecureContext | undefined
  requiresTls: boolean
  binding: ChannelBinding | undefined
  /** Makes the salts of names that there are not. */
  secret: string
  limits: Limits
  audit: Audit
  onProblem: (problem: string) => void
  sessions: Sessions
  throttle: Throttle
}

/** Takes a connection from its first byte to a session, or tells why there is none. */
export async function receive(house: House, socket: Socket): Promise<void> {
  const line = openLine(socket)
  const person = { user: '', address: socket.remoteAddress ?? '', application: '' }
  const isStranger = house.sessions.greet()
  const impatience = setTimeout(() => socket.destroy(), house.limits.signInMs)
  try {
    if (!isStranger) throw tooMany('Too many connections are signing in now.')
    const caller = await readStartUp(line, house)
    if (caller.kind === 'cancel') await cancel(house, caller, line)
    else await admit(house, line, caller, person, () => clearTimeout(impatience))
  } catch (error) {
    reject(house, line, person, error)
  } finally {
    clearTimeout(impatience)
    if (isStranger) house.sessions.part()
  }
}

async function cancel({ sessions }: House, key: Canceller, line: Line) {
  await sessions.cancel(key)
  sayGoodbye(line)
}

async function admit(
  house: House,
  line: Line,
  { parameters }: Caller,
  person: Person,
  signedIn: () => void,
) {
  person.user = parameters.get('user') ?? ''
  person.application = parameters.get('application_name') ?? ''
  if (house.requiresTls && !line.isSecure) throw needsTls
  if (person.user === '') throw nobody
  const user = await signIn(house, line, person)
  signedIn()
  const wishes = readWishes(parameters, {
    databases: house.databases,
    statementMs: house.limits.statementMs,
  })
  const seat = house.sessions.takeSeat(person)
  let session: Session
  try {
    const backend = await open(house, wishes)
    if (line.socket.destroyed) {
      await releaseBackend(backend, { isBusy: false })
      throw new ConnectionEnded()
    }
    const unread = line.reader.release()
    line.stream.write(welcome(backend, person, seat.key))
    session = startSession({
      ...house,
      socket: line.socket,
      client: line.stream,
      backend,
      person,
      user,
      unread,
    })
  } catch (error) {
    seat.leave()
    throw error
  }
  note(house, person, 'connected', null)
  seat.sit(session)
}

async function signIn(house: House, line: Line, { user, address }: Person): Promise<User> {
  const key = `${address} ${user}`
  try {
    const found = await authenticate(line, user, house)
    house.throttle.succeeded(key)
    return found
  } catch (error) {
    if (error instanceof Refusal && error.code === wrongPassword(user).code)
      await house.throttle.failed(key)
    throw error
  }
}

async function open({ backend, limits, onProblem }: House, wishes: Wishes): Promise<Backend> {
  const settings = new Map([
    ['statement_timeout', String(limits.statementMs)],
    ['idle_in_transaction_session_timeout', String(limits.idleInTransactionMs)],
    ...wishes.settings,
  ])
  try {
    return await openBackend(backend, { application: wishes.application, settings })
  } catch (error) {
    // A value that Postgres does not take is the client's own.
    if (error instanceof pg.DatabaseError && error.code?.startsWith('22'))
      throw new Refusal(error.message, { code: error.code, hint: 'Mend it or leave it out.' })
    onProblem(`SQL endpoint: no session on the warehouse: ${String(error)}. Try: npx recoup doctor`)
    throw new Refusal('The warehouse takes no more sessions now or is away.', {
      code: '08006',
      hint: 'Connect again in a moment.',
    })
  }
}

/** What a session begins with. */
function welcome({ status }: Backend, { user }: Person, key: { process: number; secret: number }) {
  const told = new Map([...status, ['session_authorization', user]])
  return Buffer.concat([
    message('R', int32(0)),
    ...[...told].map(([name, value]) => parameterStatus(name, value)),
    message('K', int32(key.process, key.secret)),
    readyMessage,
  ])
}

function reject(house: House, line: Line, person: Person, error: unknown) {
  if (error instanceof ConnectionEnded) {
    line.socket.destroy()
    return
  }
  if (!(error instanceof Refusal))
    house.onProblem(`SQL endpoint: nobody could be signed in: ${String(error)}`)
  const refusal = error instanceof Refusal ? error : unable
  note(house, person, 'rejected', refusal.code)
  sayGoodbye(line, errorMessage(refusal, 'FATAL'))
}

function note(
  { audit }: House,
  { user, address, application }: Person,
  outcome: 'connected' | 'rejected',
  code: string | null,
) {
  const about = { at: new Date(), user, address, application, outcome, code }
  audit.note({ ...about, statement: null, views: [], rows: null, milliseconds: null })
}

const needsTls = new Refusal('This server is only spoken with over TLS.', {
  code: '28000',
  hint: 'Connect with sslmode=require or better.',
})
const nobody = new Refusal('The start-up packet names no user.', {
  code: '28000',
  hint: 'Say as whom to connect.',
})
const unable = new Refusal('The server cannot sign anybody in now.', {
  code: '58000',
  hint: 'Tell whoever runs it; its log has the reason.',
})
