import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { expect, vi } from 'vitest'

import { tokenCheck } from '#cube/access/check-token.ts'
import { findUser } from '#cube/access/users.ts'
import { makeVerifier, readVerifier } from '#cube/access/verifier.ts'
import { token } from '#jobs/commands/token.ts'
import {
  addOneUser,
  applyUsersOf,
  listAllUsers,
  printVerifier,
  revokeOneUser,
  rotateOneUser,
} from '#jobs/commands/users.ts'
import { test as base } from '#test/kit/database.ts'

/** What the commands print, on a warehouse of two marketplaces; each call takes what came since. */
const test = base
  .extend('printed', async ({ url, database: { pool } }, { onCleanup }) => {
    await pool.query(`insert into mart.dim_marketplace values
      ('DE', 'DE', 'EUR', 'Europe/Berlin', '2022-07-01'), ('FR', 'FR', 'EUR', 'Europe/Paris', '2022-07-01')`)
    vi.stubEnv('DATABASE_URL', url)
    vi.stubEnv('RECOUP_HOME', mkdtempSync(join(tmpdir(), 'recoup-users-')))
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    onCleanup(() => {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    })
    return () => {
      const lines = log.mock.calls.map(([line]) => String(line)).join('\n')
      log.mockClear()
      return lines
    }
  })
  .extend('find', ({ database: { pool } }) => findUser(pool))

const anna = { group: ['finance'], marketplace: ['DE', 'FR'], format: 'json' } as const
const annaOptions = { ...anna, group: [...anna.group], marketplace: [...anna.marketplace] }

const matches = (verifier: string | undefined, password: string) =>
  verifier === makeVerifier(password, Buffer.from(readVerifier(verifier ?? '').salt))

test('a user is added with a password that is shown once and kept nowhere', async ({
  printed,
  find,
  database: { pool },
}) => {
  await addOneUser('anna', annaOptions)
  const { password } = JSON.parse(printed()) as { password: string }
  const found = await find('anna')
  expect(found?.context).toEqual({ groups: ['finance'], marketplaces: ['DE', 'FR'] })
  expect(matches(found?.verifier, password)).toBe(true)

  await listAllUsers({ format: 'json' })
  const listed = printed()
  expect(JSON.parse(listed)).toMatchObject([
    { name: 'anna', groups: ['finance'], marketplaces: ['DE', 'FR'], revoked_at: null },
  ])
  const { rows } = await pool.query('select u::text from engine.sql_user as u')
  expect(listed + JSON.stringify(rows)).not.toContain(password)
  expect(listed).not.toContain('SCRAM')
})

test('rotating exchanges the password, and revoking shuts out until added again', async ({
  printed,
  find,
}) => {
  await addOneUser('anna', { ...annaOptions, marketplace: ['all'] })
  const before = JSON.parse(printed()) as { password: string }
  await rotateOneUser('anna', { format: 'json' })
  const after = JSON.parse(printed()) as { password: string }
  const found = await find('anna')
  expect(found?.context.marketplaces).toBe('all')
  expect(matches(found?.verifier, before.password)).toBe(false)
  expect(matches(found?.verifier, after.password)).toBe(true)

  await revokeOneUser('anna')
  expect(await find('anna')).toBeUndefined()
  await expect(rotateOneUser('anna', { format: 'json' })).rejects.toThrow('anna was revoked at')
  await listAllUsers({ format: 'table' })
  expect(printed()).toMatch(/anna +finance +all .* revoked \d{4}-/)
  await addOneUser('anna', annaOptions)
  expect((await find('anna'))?.context.marketplaces).toEqual(['DE', 'FR'])
})

test.for([
  ['anna', { group: ['finnance'] }, 'There is no group "finnance". Groups are admin, finance'],
  ['anna', { marketplace: ['XX'] }, 'There is no marketplace "XX". There are DE, FR.'],
  ['anna', { marketplace: ['DE', 'all'] }, '--marketplace all has the others in it.'],
  ['Anna;', {}, `"Anna;" cannot be a user's name.`],
  ['bert', {}, 'There is a user "bert" already.'],
] as const)('adding %s with %j is refused', async ([name, wrong, sentence], { printed }) => {
  await addOneUser('bert', annaOptions)
  printed()
  const options = structuredClone({ ...annaOptions, ...wrong }) as unknown as typeof annaOptions
  await expect(addOneUser(name, options)).rejects.toThrow(sentence)
})

test('a password of your own comes from standard input, and is long enough', async ({
  printed,
  find,
}) => {
  const typed = (text: string) =>
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([text]) as never)
  typed('too short\n')
  await expect(addOneUser('anna', { ...annaOptions, passwordStdin: true })).rejects.toThrow(
    'has 9 characters; it needs 12 or more',
  )
  typed('correct horse battery\n')
  await addOneUser('anna', { ...annaOptions, passwordStdin: true })
  expect(printed()).not.toContain('horse')
  expect(matches((await find('anna'))?.verifier, 'correct horse battery')).toBe(true)
})

test('a file of users is applied, a second time without effect, and never lets the revoked in', async ({
  printed,
  find,
}) => {
  await printVerifier({ format: 'json' })
  const { verifier } = JSON.parse(printed()) as { verifier: string }
  const file = join(mkdtempSync(join(tmpdir(), 'recoup-users-')), 'users.json')
  const list = (groups: string[], names = ['anna', 'bert']) =>
    writeFileSync(
      file,
      JSON.stringify(names.map((name) => ({ name, groups, marketplaces: null, verifier }))),
    )
  const apply = async (dryRun = false) => {
    await applyUsersOf(file, { dryRun, format: 'json' })
    return (JSON.parse(printed()) as { change: string }[]).map(({ change }) => change)
  }
  list(['viewer'])
  expect(await apply(true)).toEqual(['added', 'added'])
  expect(await find('anna')).toBeUndefined()
  expect(await apply()).toEqual(['added', 'added'])
  expect(await apply()).toEqual(['same', 'same'])
  await revokeOneUser('bert')
  printed()
  list(['finance'])
  expect(await apply()).toEqual(['changed', 'left revoked'])
  expect((await find('anna'))?.context.groups).toEqual(['finance'])

  list(['viewer', 'boss'], ['carl', 'anna'])
  await expect(apply()).rejects.toThrow('There is no group "boss"')
  list(['viewer'], ['carl', 'carl'])
  await expect(apply()).rejects.toThrow('carl is in the list twice.')
  writeFileSync(file, '[{ "name": "carl", "password": "secret" }]')
  await expect(apply()).rejects.toThrow('is not a list of {name, groups, marketplaces, verifier}')
  expect(await find('carl')).toBeUndefined()
})

test('a token for a user is good for what the user sees', async ({ printed }) => {
  vi.stubEnv('CUBEJS_API_SECRET', 'not a secret')
  await addOneUser('anna', annaOptions)
  printed()
  const check = tokenCheck('not a secret')
  await token({ user: 'anna', hours: 8 })
  expect(await check(printed())).toEqual({ groups: ['finance'], marketplaces: ['DE', 'FR'] })
  await token({ hours: 1 })
  expect(await check(printed())).toEqual({ groups: ['admin'], marketplaces: 'all' })
  await revokeOneUser('anna')
  await expect(token({ user: 'anna', hours: 8 })).rejects.toThrow('There is no user "anna"')
})
