import { signToken } from '#cube/server/sign-token.ts'

import { homeOf } from '../home.ts'
import { findRuntime } from '../runtime.ts'

/** `recoup token`: a token for Cube's API, good for a day. */
export function token() {
  const runtime = findRuntime(homeOf())
  if (!runtime) throw new Error('Recoup is not up, so its API takes no token. Start it: npm start')
  console.log(signToken(runtime.secret, { groups: ['admin'], marketplaces: 'all' }))
}
