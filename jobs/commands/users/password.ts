import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'

import { UsageError } from '../../terminal/mistakes.ts'

/** A password, and whether somebody has yet to be told of it. */
export interface Password {
  text: string
  isNew: boolean
}

const shortest = 12

/** A new password of 144 bits, or the first line of standard input. */
export async function readPassword({
  passwordStdin,
}: {
  passwordStdin?: boolean
}): Promise<Password> {
  if (!passwordStdin) return { text: randomBytes(18).toString('base64url'), isNew: true }
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/, 1)
  if (line.length >= shortest) return { text: line, isNew: false }
  throw new UsageError(
    `The password on standard input has ${line.length} characters; it needs ${shortest} or more.`,
  )
}
