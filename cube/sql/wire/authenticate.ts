import type { FindUser, User } from '../../access/user.ts'
import { readVerifier } from '../../access/verifier.ts'
import { Refusal } from '../refusal.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { cString, int32, letter, message } from './messages.ts'
import { bound, createScram, mockVerifier, plain } from './scram.ts'
import { type Line, violation } from './start-up.ts'

const [sasl, saslContinue, saslFinal] = [10, 11, 12] as const
/** A message of SCRAM has some hundred bytes. */
const mostBytes = 2048

/**
 * Has a caller prove a password. Somebody unknown goes through the same and fails at its end, so
 * that names cannot be found out. @throws Refusal
 */
export async function authenticate(
  { stream, reader }: Line,
  name: string,
  {
    findUser,
    binding,
    secret,
  }: { findUser: FindUser; binding: ChannelBinding | undefined; secret: string },
): Promise<User> {
  const offer = binding ? [bound, plain] : [plain]
  stream.write(message('R', int32(sasl), ...offer.map(cString), Buffer.alloc(1)))
  const { mechanism, first } = readInitial(await readMessage())
  if (!offer.includes(mechanism))
    throw violation(`The sign-in "${mechanism}" was not offered; ${offer.join(' and ')} was`)

  const user = await findUser(name)
  const verifier = user ? readVerifier(user.verifier) : mockVerifier(name, secret)
  const scram = createScram(verifier, { mechanism, binding })
  stream.write(message('R', int32(saslContinue), scram.challenge(first)))
  const proof = scram.prove((await readMessage()).toString('utf8'))
  if (!user || proof === undefined) throw wrongPassword(name)
  stream.write(message('R', int32(saslFinal), proof))
  return user

  async function readMessage() {
    const head = await reader.read(5)
    if (head[0] !== letter('p')) throw violation('A password was expected and something else came')
    const length = head.readInt32BE(1)
    if (length < 4 || length > mostBytes)
      throw violation(`A password message says that it has ${length} bytes`)
    return reader.read(length - 4)
  }
}

/** What both a wrong password and a wrong name are answered with. */
export function wrongPassword(name: string): Refusal {
  return new Refusal(`Password authentication failed for user "${name}".`, {
    code: '28P01',
    hint: 'Ask for a new password with: npx recoup users',
  })
}

function readInitial(content: Buffer) {
  const end = content.indexOf(0)
  const start = end + 5
  if (end < 0 || content.length < start || content.readInt32BE(end + 1) !== content.length - start)
    throw violation('The first password message cannot be read')
  return {
    mechanism: content.toString('utf8', 0, end),
    first: content.toString('utf8', start),
  }
}
