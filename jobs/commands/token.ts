import type { SecurityContext } from '#cube/access/user.ts'
import { findUser } from '#cube/access/users.ts'
import { signToken } from '#cube/server/sign-token.ts'

import { homeOf } from '../home.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { connect } from '../postgres/pool.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { findRuntime } from '../runtime.ts'
import { UsageError } from '../terminal/mistakes.ts'

/** What was typed after `recoup token`. */
export interface TokenOptions {
  user?: string
  hours: number
}

/** `recoup token`: a token for Cube's API, of an administrator or of one user. */
export async function token({ user, hours }: TokenOptions) {
  const secret = findRuntime(homeOf())?.secret ?? process.env.CUBEJS_API_SECRET
  if (!secret)
    throw new Error(
      'Recoup is not up, so its API takes no token. Start it: npm start. ' +
        'For a Cube elsewhere set CUBEJS_API_SECRET to what it has.',
    )
  if (hours === 0) throw new UsageError('--hours 0 would be over at once.')
  const context: SecurityContext =
    user === undefined ? { groups: ['admin'], marketplaces: 'all' } : await contextOf(user)
  console.log(signToken(secret, context, { expiresInSeconds: hours * 60 * 60 }))
}

async function contextOf(name: string): Promise<SecurityContext> {
  requireWarehouse()
  return await withWarehouse(async ({ url }) => {
    await using connection = connect(url, { max: 1 })
    const user = await findUser(connection.pool)(name)
    if (user) return user.context
    throw new Error(`There is no user "${name}", or it is revoked. Users: recoup users`)
  })
}
