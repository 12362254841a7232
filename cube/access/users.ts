import type pg from 'pg'

import { readClaims } from './claims.ts'
import { GROUPS } from './groups.ts'
import type { FindUser } from './user.ts'
import { readVerifier } from './verifier.ts'

/** Somebody who may connect, as configured: what a file for `recoup users apply` lists. */
export interface NewUser {
  name: string
  groups: string[]
  /** Null for all. */
  marketplaces: string[] | null
  verifier: string
}

/** A user as it is listed; its verifier is nobody's business. */
export interface KnownUser extends Omit<NewUser, 'verifier'> {
  created_at: string
  rotated_at: string | null
  revoked_at: string | null
}

/** Finds users in the warehouse, at each connection anew; who is revoked is not found. */
export function findUser(pool: pg.Pool): FindUser {
  return async (name) => {
    const { rows } = await pool.query<NewUser>(
      `select groups, marketplaces, verifier from engine.sql_user
       where name = $1 and revoked_at is null`,
      [name],
    )
    const [row] = rows
    if (!row) return undefined
    const { groups, marketplaces, verifier } = row
    return { name, context: readClaims({ groups, marketplaces: marketplaces ?? 'all' }), verifier }
  }
}

/** Every user there is or was, by name. */
export async function listUsers(pool: pg.Pool): Promise<KnownUser[]> {
  const { rows } = await pool.query<KnownUser>(
    `select name, groups, marketplaces, created_at, rotated_at, revoked_at
     from engine.sql_user order by name`,
  )
  return rows
}

/** Adds a user; the name of a revoked one may be taken again. */
export async function addUser(pool: pg.Pool, user: NewUser) {
  checkUser(user)
  await checkMarketplaces(pool, user)
  const { rowCount } = await pool.query(
    `insert into engine.sql_user as u (name, groups, marketplaces, verifier)
     values ($1, $2, $3, $4)
     on conflict (name) do update set groups = excluded.groups,
       marketplaces = excluded.marketplaces, verifier = excluded.verifier,
       created_at = excluded.created_at, rotated_at = null, revoked_at = null
     where u.revoked_at is not null`,
    [user.name, user.groups, user.marketplaces, user.verifier],
  )
  if (rowCount === 0)
    throw new UserMistake(
      `There is a user "${user.name}" already. For a new password: recoup users rotate ` +
        `${user.name}. For other rights revoke it first: recoup users revoke ${user.name}`,
    )
}

/** Gives a user another verifier; the password before is good no longer. */
export async function rotateUser(pool: pg.Pool, name: string, verifier: string) {
  readVerifier(verifier)
  const { rowCount } = await pool.query(
    `update engine.sql_user set verifier = $2, rotated_at = clock_timestamp()
     where name = $1 and revoked_at is null`,
    [name, verifier],
  )
  if (rowCount === 0) throw await unknown(pool, name)
}

/** Lets a user connect no more. */
export async function revokeUser(pool: pg.Pool, name: string) {
  const { rowCount } = await pool.query(
    `update engine.sql_user set revoked_at = clock_timestamp()
     where name = $1 and revoked_at is null`,
    [name],
  )
  if (rowCount === 0) throw await unknown(pool, name)
}

/** What is wrong was said by whoever typed it or wrote the file. */
export class UserMistake extends Error {}

const NAME = /^[a-z][a-z0-9_.@-]{0,62}$/

/** Refuses a user that could not be one, whatever is in the warehouse. */
export function checkUser({ name, groups, marketplaces, verifier }: NewUser) {
  if (!NAME.test(name))
    throw new UserMistake(
      `"${name}" cannot be a user's name. It begins with a small letter, goes on with small ` +
        'letters, digits and _ . @ - and has at most 63 of them.',
    )
  const strange = groups.find((group) => !(GROUPS as readonly string[]).includes(group))
  if (strange !== undefined || groups.length === 0)
    throw new UserMistake(
      `${strange === undefined ? `${name} is in no group` : `There is no group "${strange}"`}. ` +
        `Groups are ${GROUPS.join(', ')}.`,
    )
  if (marketplaces?.length === 0)
    throw new UserMistake(`${name} has an empty list of marketplaces, and would see nothing.`)
  readVerifier(verifier)
}

/** A warehouse that has no marketplaces yet cannot tell; a wrong one shows nothing. */
export async function checkMarketplaces(pool: pg.Pool, { marketplaces }: NewUser) {
  if (marketplaces === null) return
  const { rows } = await pool.query<{ marketplace: string }>(
    'select marketplace from mart.dim_marketplace order by marketplace',
  )
  const known = rows.map(({ marketplace }) => marketplace)
  const strange = known.length > 0 && marketplaces.find((name) => !known.includes(name))
  if (typeof strange === 'string')
    throw new UserMistake(`There is no marketplace "${strange}". There are ${known.join(', ')}.`)
}

async function unknown(pool: pg.Pool, name: string) {
  const users = await listUsers(pool)
  const found = users.find((user) => user.name === name)
  if (found)
    return new UserMistake(
      `${name} was revoked at ${found.revoked_at}. To let it in again: recoup users add ${name}`,
    )
  const names = users.filter(({ revoked_at }) => revoked_at === null).map((user) => user.name)
  return new UserMistake(
    `There is no user "${name}". ${names.length > 0 ? `Users are ${names.join(', ')}.` : 'There is none yet.'}`,
  )
}
