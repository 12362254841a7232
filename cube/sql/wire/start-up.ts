import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'

import { Refusal } from '../refusal.ts'
import { cString, int32, message } from './messages.ts'
import { createReader, type Reader } from './reader.ts'

/** A connection, and how it is spoken with. */
export interface Line {
  socket: Socket
  stream: Duplex
  reader: Reader
  /** Whether what is said is encrypted. */
  isSecure: boolean
}

/** Somebody who wants a session; the parameters are as sent, by name. */
export interface Caller {
  kind: 'session'
  parameters: Map<string, string>
}

/** Somebody who wants the statement of a session cancelled. */
export interface Canceller {
  kind: 'cancel'
  process: number
  secret: number
}

const sslRequest = 80_877_103
const gssRequest = 80_877_104
const cancelRequest = 80_877_102
/** Postgres's own limit on the first packet. */
const mostBytes = 10_000

export function openLine(socket: Socket): Line {
  return { socket, stream: socket, reader: createReader(socket), isSecure: false }
}

/** Reads what a connection begins with, up to where it has to prove who it is. */
export async function readStartUp(
  line: Line,
  { secure }: { secure: SecureContext | undefined },
): Promise<Caller | Canceller> {
  const asked = new Set<number>()
  for (;;) {
    const { code, content } = await readPacket(line.reader)
    if (code === sslRequest || code === gssRequest) {
      if (asked.has(code)) throw violation('The same kind of encryption was asked for twice')
      asked.add(code)
      if (code === sslRequest && secure) encrypt(line, secure)
      else line.stream.write('N')
    } else if (code === cancelRequest) {
      if (content.length !== 8) throw violation('A cancel request has a wrong length')
      return { kind: 'cancel', process: content.readInt32BE(0), secret: content.readInt32BE(4) }
    } else {
      const parameters = readParameters(content)
      negotiate(line.stream, code, parameters)
      return { kind: 'session', parameters }
    }
  }
}

function encrypt(line: Line, secure: SecureContext) {
  // Somebody in between could have put it there, to be taken for what was said encrypted.
  if (line.reader.unread() > 0) throw violation('There was plain text after a request for TLS')
  line.reader.release()
  line.socket.write('S')
  line.stream = new TLSSocket(line.socket, { isServer: true, secureContext: secure })
  line.stream.on('error', () => line.socket.destroy())
  line.reader = createReader(line.stream)
  line.isSecure = true
}

async function readPacket(reader: Reader) {
  const length = (await reader.read(4)).readInt32BE()
  if (length < 8 || length > mostBytes)
    throw violation(
      `The first packet says that it has ${length} bytes; a start-up has 8 to ${mostBytes}`,
    )
  const packet = await reader.read(length - 4)
  return { code: packet.readInt32BE(), content: packet.subarray(4) }
}

/** Version 3.0 is spoken; who knows more is told so, and which options are not known here. */
function negotiate(stream: Duplex, code: number, parameters: Map<string, string>) {
  const [major, minor] = [code >>> 16, code & 0xffff]
  if (major !== 3)
    throw new Refusal(`Protocol ${major}.${minor} is not spoken here; version 3.0 is.`, {
      code: '0A000',
      hint: 'Use a driver for PostgreSQL 7.4 or later.',
    })
  const unknown = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  for (const name of unknown) parameters.delete(name)
  if (minor > 0 || unknown.length > 0)
    stream.write(message('v', int32(3 << 16, unknown.length), ...unknown.map(cString)))
}

function readParameters(content: Buffer): Map<string, string> {
  const parameters = new Map<string, string>()
  if (content.at(-1) !== 0) throw violation('The start-up packet does not end as it should')
  const words = content.subarray(0, -1).toString('utf8').split('\0')
  // Each name and each value ends with a NUL, and so does the list.
  if (words.pop() !== '' || words.length % 2 !== 0)
    throw violation('The start-up packet has a name without a value')
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at]!
    if (name === '') throw violation('The start-up packet has a value without a name')
    parameters.set(name, words[at + 1]!)
  }
  return parameters
}

/** What no driver sends. */
export function violation(found: string): Refusal {
  return new Refusal(`${found}. The connection ends.`, {
    code: '08P01',
    hint: 'Connect with a driver for PostgreSQL.',
  })
}
