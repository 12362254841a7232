import type pg from 'pg'

import { addUser, checkMarketplaces, checkUser, type NewUser, UserMistake } from './users.ts'

/** What applying a list does, or would do, to one user. */
export interface Applied {
  name: string
  change: 'added' | 'changed' | 'same' | 'left revoked'
}

/**
 * Makes the users of a list what the list says. Who is not in it stays; who was revoked stays out,
 * so that a deployment does not undo it.
 */
export async function applyUsers(
  pool: pg.Pool,
  wanted: NewUser[],
  { dryRun = false } = {},
): Promise<Applied[]> {
  // All is looked at before anything is changed.
  const twice = wanted.find(({ name }, at) => wanted.findIndex((user) => user.name === name) < at)
  if (twice) throw new UserMistake(`${twice.name} is in the list twice.`)
  for (const user of wanted) {
    checkUser(user)
    await checkMarketplaces(pool, user)
  }
  const applied: Applied[] = []
  for (const user of wanted) {
    const change = await changeOf(pool, user)
    if (change === 'added' && !dryRun) await addUser(pool, user)
    if (change === 'changed' && !dryRun) await changeUser(pool, user)
    applied.push({ name: user.name, change })
  }
  return applied
}

async function changeOf(pool: pg.Pool, user: NewUser): Promise<Applied['change']> {
  const { rows } = await pool.query<{ is_revoked: boolean; is_same: boolean }>(
    `select revoked_at is not null as is_revoked,
       (groups, verifier) = ($2, $4) and marketplaces is not distinct from $3 as is_same
     from engine.sql_user where name = $1`,
    valuesOf(user),
  )
  const [before] = rows
  if (!before) return 'added'
  if (before.is_revoked) return 'left revoked'
  return before.is_same ? 'same' : 'changed'
}

async function changeUser(pool: pg.Pool, user: NewUser) {
  await pool.query(
    `update engine.sql_user set groups = $2, marketplaces = $3, verifier = $4,
       rotated_at = case when verifier = $4 then rotated_at else clock_timestamp() end
     where name = $1 and revoked_at is null`,
    valuesOf(user),
  )
}

function valuesOf({ name, groups, marketplaces, verifier }: NewUser) {
  return [name, groups, marketplaces, verifier]
}
