import pg from 'pg'
import { onTestFinished, test as base } from 'vitest'

import type { User } from '#cube/access/user.ts'
import { makeVerifier } from '#cube/access/verifier.ts'
import type { AuditEntry } from '#cube/sql/audit.ts'
import { Refusal } from '#cube/sql/refusal.ts'
import type { Translator } from '#cube/sql/translator.ts'
import { startWire, type WireOptions } from '#cube/sql/wire/start-wire.ts'
import { createDatabase } from '#test/kit/database.ts'

import { ada } from './raw.ts'

/** Nothing is written here, so the tests of a file share one warehouse. */
export const test = base
  .extend('database', { scope: 'file' }, async ({}, { onCleanup }) => {
    const database = await createDatabase()
    onCleanup(database.close)
    return database
  })
  .extend('url', { scope: 'file' }, ({ database }) => database.url)

export const { password } = ada

const context = { groups: ['finance'] }
const verifier = makeVerifier(password)
const users: User[] = ['ada', 'bob'].map((name) => ({ name, context, verifier }))

/**
 * Lets text through, but refuses what asks for a secret, has a notice for what is old, and takes
 * `select {version}` for a statement over rollups of the version that is set.
 */
function plainTranslator() {
  const state = { version: '1', translated: 0 }
  const translator: Translator = {
    version: async () => state.version,
    async translate(sql) {
      state.translated++
      if (sql.includes('boom')) throw new Error('the inside of the translator')
      if (sql.includes('secret'))
        throw new Refusal('No secrets are told.', {
          code: '42501',
          hint: 'Ask for something else.',
        })
      const notices = sql.includes('old') ? ['This is old.', 'Very old.'] : []
      const views = /from (\w+)/.exec(sql)?.slice(1) ?? []
      if (!sql.includes('{version}')) return { text: sql, notices, views }
      const text = sql.replaceAll('{version}', `${state.version}::int4`)
      return { text, notices, views, validAt: state.version }
    },
  }
  return { translator, state }
}

/** An endpoint over the test's warehouse, and what it tells. */
export async function startEndpoint(url: string, options: Partial<WireOptions> = {}) {
  const { translator, state } = plainTranslator()
  const told: AuditEntry[] = []
  const problems: string[] = []
  const wire = await startWire({
    translator,
    findUser: async (name) => users.find((user) => user.name === name),
    backend: { connectionString: url },
    audit: { note: (entry) => told.push(entry), close: async () => {} },
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  onTestFinished(() => wire.close())
  const client = async (config: pg.ClientConfig = {}) => {
    const one = new pg.Client(configOf(wire.port, config))
    one.on('error', () => {})
    await one.connect()
    onTestFinished(() => one.end().catch(() => {}))
    return one
  }
  return { wire, client, state, told, problems, config: configOf(wire.port) }
}

function configOf(port: number, config: pg.ClientConfig = {}): pg.ClientConfig {
  return { host: '127.0.0.1', port, user: 'ada', password, database: 'recoup', ...config }
}

/** The error that a promise ends with, in the fields that a driver shows. */
export async function errorOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof pg.DatabaseError))
    throw new Error(`No error of a server: ${String(error)}`)
  const { severity, code, message, hint } = error
  return { severity, code, message, hint }
}
