import { readFileSync } from 'node:fs'

import type pg from 'pg'
import * as z from 'zod'

import { applyUsers } from '#cube/access/apply-users.ts'
import {
  addUser,
  type KnownUser,
  listUsers,
  revokeUser,
  rotateUser,
  UserMistake,
} from '#cube/access/users.ts'
import { makeVerifier } from '#cube/access/verifier.ts'

import { requireWarehouse } from '../kpis/with-cube.ts'
import { connect } from '../postgres/pool.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { homeOf } from '../home.ts'
import { findRuntime } from '../runtime.ts'
import { SQL_PORT } from '../sql-endpoint.ts'
import { bad, bold, faint } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { table } from '../terminal/table.ts'
import { displayInstant } from '../terminal/values.ts'
import { type Password, readPassword } from './users/password.ts'

/** Where a password comes from, and how the result is printed. */
export interface PasswordOptions {
  passwordStdin?: boolean
  format: Format
}

/** What was typed after `recoup users add NAME`. */
export interface AddOptions extends PasswordOptions {
  group: string[]
  marketplace: string[]
}

const undefinedTable = '42P01'

/** `recoup users list`. */
export async function listAllUsers({ format }: { format: Format }) {
  const users = await withUsers(listUsers)
  if (format === 'json') return console.log(json(users))
  if (users.length > 0) return console.log(userTable(users))
  console.log(
    'There is no user yet. Add one: recoup users add anna --group viewer --marketplace all',
  )
}

/** `recoup users add NAME`: the password is shown now and never again. */
export async function addOneUser(name: string, options: AddOptions) {
  const { group: groups, marketplace, format } = options
  const marketplaces = readMarketplaces(marketplace)
  const password = await readPassword(options)
  const verifier = makeVerifier(password.text)
  await withUsers((pool) => addUser(pool, { name, groups, marketplaces, verifier }))
  show(name, password, format)
}

/** `recoup users rotate NAME`. */
export async function rotateOneUser(name: string, options: PasswordOptions) {
  const password = await readPassword(options)
  await withUsers((pool) => rotateUser(pool, name, makeVerifier(password.text)))
  show(name, password, options.format)
}

/** `recoup users revoke NAME`. */
export async function revokeOneUser(name: string) {
  await withUsers((pool) => revokeUser(pool, name))
  console.log(`${name} can connect no more.`)
}

const Listed = z.array(
  z.strictObject({
    name: z.string(),
    groups: z.array(z.string()),
    marketplaces: z.array(z.string()).nullable(),
    verifier: z.string(),
  }),
)

/** `recoup users apply FILE`: the same a second time changes nothing. */
export async function applyUsersOf(file: string, options: { dryRun?: boolean; format: Format }) {
  const listed = readListed(file)
  const applied = await withUsers((pool) => applyUsers(pool, listed, options))
  if (options.format === 'json') return console.log(json(applied))
  const rows = applied.map(({ name, change }) => [name, change])
  console.log(table([{ title: 'User' }, { title: options.dryRun ? 'Would be' : 'Is' }], rows))
}

/** `recoup users verifier`: for the file of `recoup users apply`. */
export async function printVerifier(options: PasswordOptions) {
  const password = await readPassword(options)
  const verifier = makeVerifier(password.text)
  const shown = { ...(password.isNew && { password: password.text }), verifier }
  if (options.format === 'json') return console.log(json(shown))
  for (const [what, value] of Object.entries(shown)) console.log(`${what.padEnd(9)} ${value}`)
}

/** Work on the users of the warehouse; what was typed wrongly ends with 2, as everywhere. */
async function withUsers<Result>(work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  requireWarehouse()
  return await withWarehouse(async ({ url }) => {
    await using connection = connect(url, { max: 1 })
    return await work(connection.pool).catch((error: unknown) => {
      if (error instanceof UserMistake) throw new UsageError(error.message, { cause: error })
      if ((error as { code?: string }).code !== undefinedTable) throw error
      throw new Error('The warehouse has no tables of this Recoup yet. Make them: npm start', {
        cause: error,
      })
    })
  })
}

function readMarketplaces(typed: string[]): string[] | null {
  if (!typed.includes('all')) return typed
  if (typed.length === 1) return null
  throw new UsageError('--marketplace all has the others in it. Say all, or name them.')
}

function readListed(file: string) {
  try {
    return Listed.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new UsageError(
      `${file} is not a list of {name, groups, marketplaces, verifier}: ${reason}`,
      { cause },
    )
  }
}

function show(name: string, { text, isNew }: Password, format: Format) {
  if (format === 'json') return console.log(json({ name, ...(isNew && { password: text }) }))
  if (!isNew) return console.log(`${bold(name)} can connect with the password you gave.`)
  console.log(`${bold(name)} can connect with this password, which is not shown again:\n`)
  console.log(`  ${text}\n`)
  const port = findRuntime(homeOf())?.sqlPort ?? SQL_PORT
  console.log(faint(`psql "host=127.0.0.1 port=${port} dbname=recoup user=${name}"`))
}

function userTable(users: readonly KnownUser[]): string {
  const columns = [
    { title: 'User' },
    { title: 'Groups', width: 40 },
    { title: 'Marketplaces', width: 30 },
    { title: 'Created' },
    { title: 'Password since' },
    { title: '' },
  ]
  const rows = users.map((user) => [
    user.name,
    user.groups.join(', '),
    user.marketplaces?.join(', ') ?? 'all',
    displayInstant(user.created_at),
    displayInstant(user.rotated_at ?? user.created_at),
    user.revoked_at ? bad(`revoked ${displayInstant(user.revoked_at)}`) : '',
  ])
  return table(columns, rows)
}
