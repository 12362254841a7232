import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

import { cString, int32, message } from '#cube/sql/wire/messages.ts'

import type { openRaw } from './raw.ts'

/** Signs in by hand; gives the text of the error that it ends with, or of the welcome. */
export async function signInByHand(
  { socket, next }: ReturnType<typeof openRaw>,
  password: string,
): Promise<string> {
  const offer = await next()
  if (offer?.type !== 'R') return String(offer?.content)
  const bare = 'n=,r=abcdefgh'
  const first = Buffer.from(`n,,${bare}`)
  socket.write(message('p', cString('SCRAM-SHA-256'), int32(first.length), first))
  const challenge = (await next())!.content.toString('utf8', 4)
  const [, nonce, salt = '', rounds] = /^r=(.*),s=(.*),i=(\d+)$/.exec(challenge)!
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256')
  const key = hmac(salted, 'Client Key')
  const stored = createHash('sha256').update(key).digest()
  const last = `c=biws,r=${nonce}`
  const signature = hmac(stored, `${bare},${challenge},${last}`)
  const proof = Buffer.from(key.map((byte, place) => byte ^ signature[place]!))
  socket.write(message('p', `${last},p=${proof.toString('base64')}`))
  for (;;) {
    const answer = await next()
    if (answer?.type !== 'R') return String(answer?.content)
  }
}
