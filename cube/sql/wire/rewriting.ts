import { isUtf8 } from 'node:buffer'

import { Refusal } from '../refusal.ts'
import type { Translation } from '../translator.ts'
import { letters, misfit } from './client-letters.ts'
import { cString, int16, message } from './messages.ts'
import { noteBind, readBind } from './passing.ts'
import { question } from './questions.ts'
import type { Relay } from './relay.ts'
import { type Request, request } from './requests.ts'
import { outdated, type Statement } from './statements.ts'

/** Notes what is sent, at the moment it is, and gives it. */
export type Send = () => Buffer[]

/** What is sent in place of a message that has SQL in it, or relies on some. */
export function rewrite(relay: Relay, type: number, whole: Buffer): Promise<Send> {
  if (type === letters.query) return rewriteQuery(relay, whole)
  return type === letters.parse ? rewriteParse(relay, whole) : renewBound(relay, whole)
}

async function rewriteQuery(relay: Relay, whole: Buffer): Promise<Send> {
  if (whole.indexOf(0, 5) !== whole.length - 1) throw misfit(letters.query, whole.length - 1)
  const text = whole.subarray(5, -1)
  const sql = text.toString('utf8')
  const asked = question(sql, [])
  const result = await translate(relay, sql, text)
  return () => {
    relay.requests.push(
      request('Q', { ...about(sql, result), question: answerable(asked, result) }),
    )
    return [message('Q', cString(result instanceof Refusal ? failing : result.text))]
  }
}

async function rewriteParse(relay: Relay, whole: Buffer): Promise<Send> {
  const middle = whole.indexOf(0, 5)
  const stop = middle < 0 ? -1 : whole.indexOf(0, middle + 1)
  const types = whole.subarray(stop + 1)
  if (stop < 0 || types.length < 2 || types.length !== 2 + 4 * types.readUInt16BE())
    throw misfit(letters.parse, whole.length - 1)
  const name = whole.toString('latin1', 5, middle)
  const text = whole.subarray(middle + 1, stop)
  const sql = text.toString('utf8')
  const result = tooMany(relay, name) ?? (await translate(relay, sql, text))
  return () => {
    if (result instanceof Refusal) return [failParse(relay, name, sql, result)]
    const statement: Statement = {
      name,
      sql,
      types: Buffer.from(types),
      ...kept(result),
      renewedIn: undefined,
    }
    const undo = relay.statements.add(statement)
    relay.requests.push(
      request('P', {
        ...about(sql, result),
        statement,
        undo,
        question: answerable(question(sql, []), result),
      }),
    )
    return [message('P', latin1(name), cString(result.text), types)]
  }
}

/** A statement that reads rollups is prepared anew when the warehouse has newer ones. */
async function renewBound(relay: Relay, whole: Buffer): Promise<Send> {
  const names = readBind(whole, 0, whole.length)
  const statement = relay.statements.get(names.statement)
  const isValid = !statement || (await isNewest(relay, statement))
  const { sql = '' } = statement ?? {}
  const result = isValid ? undefined : await translate(relay, sql, Buffer.from(sql))
  return () => {
    const before = statement && result ? renew(relay, statement, result) : []
    noteBind(relay, names.portal, statement)
    return [...before, whole]
  }
}

/**
 * Whether a statement reads the newest rollups. One that was renewed a Sync ago, and nothing heard of
 * since, may have been skipped; in the same batch what follows is then skipped too.
 */
async function isNewest({ translator, cycle }: Relay, statement: Statement) {
  if ((await translator.version()) !== statement.validAt) return false
  return statement.renewedIn === undefined || statement.renewedIn === cycle
}

function renew(relay: Relay, statement: Statement, result: Translation | Refusal): Buffer[] {
  const { name, sql, types } = statement
  if (result instanceof Refusal) return [failParse(relay, name, sql, result)]
  const confirm = () => Object.assign(statement, kept(result), { renewedIn: undefined })
  // Whatever became of it then, the next use finds out.
  const undo = () => Object.assign(statement, { validAt: outdated, renewedIn: undefined })
  Object.assign(statement, kept(result), { renewedIn: relay.cycle })
  const { notices } = result
  const asked = answerable(question(sql, []), result)
  relay.requests.push(request('C', { isOwn: true, undo }))
  relay.requests.push(request('P', { isOwn: true, confirm, undo, notices, question: asked }))
  return [message('C', 'S', latin1(name)), message('P', latin1(name), cString(result.text), types)]
}

/** A statement that Postgres itself fails, so that it too knows that the transaction has failed. */
const failing = `SELECT 'refused'::pg_catalog.int4`

/** It fails while it is read, so a statement that already has the name stays. */
function failParse({ requests, statements }: Relay, name: string, sql: string, refusal: Refusal) {
  const before = statements.get(name)
  const undo = (reached: boolean) => {
    if (reached && name === '' && statements.get(name) === before) statements.drop(name)
  }
  const asked = answerable(question(sql, []), refusal)
  requests.push(request('P', { refusal, undo, question: asked }))
  return message('P', latin1(name), cString(failing), int16(0))
}

async function translate(relay: Relay, sql: string, text: Buffer): Promise<Translation | Refusal> {
  try {
    return unreadable(relay, text) ?? (await relay.translator.translate(sql, relay.asker))
  } catch (error) {
    return error instanceof Refusal ? error : unexpected(relay, error)
  }
}

function unreadable({ limits }: Relay, text: Buffer) {
  if (text.length > limits.sqlBytes)
    return new Refusal(
      `The statement has ${text.length} bytes; at most ${limits.sqlBytes} are read.`,
      { code: '54000', hint: 'Filter by a range or a join instead of a long list of values.' },
    )
  if (isUtf8(text)) return undefined
  return new Refusal('The statement is not valid UTF-8.', {
    code: '22021',
    hint: 'Have the client send UTF8.',
  })
}

function tooMany({ statements, limits }: Relay, name: string) {
  const isNew = name !== '' && !statements.get(name)
  if (!isNew || statements.count() < limits.statements) return undefined
  return new Refusal(
    `The session has ${limits.statements} prepared statements, and no more may be.`,
    { code: '53400', hint: 'Close those that are not needed, or send DEALLOCATE ALL.' },
  )
}

/** What goes wrong inside a translator is told to the operator; the reason is none of the asker's. */
export function unexpected({ onProblem, person }: Relay, error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  onProblem(`SQL endpoint: a statement of ${person.user} could not be translated: ${reason}`)
  return new Refusal('The statement could not be translated, which is a fault of the server.', {
    code: 'XX000',
    hint: 'Try again; if it stays so, tell whoever runs this server. Its log has the reason.',
  })
}

function answerable(asked: ReturnType<typeof question>, result: Translation | Refusal) {
  if (result instanceof Refusal) asked.refusedWith = result.code
  else asked.views = result.views
  return asked
}

function kept({ views, validAt }: Translation) {
  return { views, validAt }
}

function about(sql: string, result: Translation | Refusal): Partial<Request> {
  if (result instanceof Refusal) return { refusal: result }
  return { notices: result.notices, isVerbatim: result.text === sql }
}

function latin1(name: string) {
  return Buffer.from(`${name}\0`, 'latin1')
}
