import type { Duplex } from 'node:stream'

import type { Audit } from '../audit.ts'
import type { Refusal } from '../refusal.ts'
import type { Asker, Translator } from '../translator.ts'
import type { Backend } from './backend.ts'
import type { Limits } from './limits.ts'
import type { Person } from './questions.ts'
import type { Requests } from './requests.ts'
import type { Portal, Statements } from './statements.ts'

/** What the two directions of one session share. */
export interface Relay {
  client: Duplex
  backend: Backend
  asker: Asker
  person: Person
  translator: Translator
  limits: Limits
  audit: Audit
  onProblem: (problem: string) => void
  requests: Requests
  statements: Statements
  portals: Map<string, Portal>
  /** How many Syncs the client has sent. */
  cycle: number
  /** The client asked for the end of what runs now. */
  isCancelled: boolean
  /** Nothing goes to the client any more, or from it. */
  isOver: boolean
  /** The warehouse has told the client why it ends the session. */
  hadLastWord: boolean
  /** The client has said goodbye. */
  leave(): void
  /** Ends the session with a last word. */
  end(reason: Refusal): void
}

/** Sends pieces in as few writes as is cheap; false when the reader is to be waited for. */
export function writeAll(stream: Duplex, pieces: readonly Buffer[]): boolean {
  if (pieces.length === 0) return true
  if (pieces.length === 1) return stream.write(pieces[0])
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (bytes <= cheapToCopy) return stream.write(Buffer.concat(pieces, bytes))
  stream.cork()
  for (const piece of pieces) stream.write(piece)
  stream.uncork()
  return !stream.writableNeedDrain
}

const cheapToCopy = 64 * 1024

/** The four bytes there as a number; as quick as it gets, for it is read once per row. */
export function lengthAt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
