import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'

import { type Kysely, sql } from 'kysely'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

import { type Alert, raiseAlert, resolveAlert } from '#jobs/alerts/alert.ts'
import type { ChannelName } from '#jobs/alerts/names.ts'
import { test as base } from '#test/kit/database.ts'

type Db = Kysely<unknown>

export const secret = 'whsec_YSBzZWNyZXQgdGhhdCBvbmx5IHR3byBrbm93'

/** Something that goes wrong in the tests. */
export const feeAlert: Alert = {
  key: 'run failed: mart.fact_fee',
  severity: 'error',
  title: 'mart.fact_fee failed in run 12',
  body: 'fee_kind: found "x", expected one of A, B.',
  about: { run: 12, step: 340, asset: 'mart.fact_fee', partition: '2026-10-14', owner: 'fees' },
}

/** What a program sent to the server. */
export interface Request {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** How the server answers; null: not at all. */
type Reply = { status: number; headers?: Record<string, string>; body?: string } | null

/** An HTTP server that keeps what it is sent and answers as it is told, or 200. */
async function httpServer() {
  const requests: Request[] = []
  const replies: Reply[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const { method, url: path, headers } = request
      requests.push({ method, path, headers, body: await text(request) })
      const reply = replies.length > 0 ? replies.shift()! : { status: 200 }
      if (reply) response.writeHead(reply.status, reply.headers).end(reply.body)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, requests, replies, close }
}

/** A mail as it was handed to the SMTP server. */
export interface Mail {
  from: string
  to: string[]
  raw: string
}

/** An SMTP server that keeps the mails it is given. */
export async function smtpServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onData(stream, { envelope }, done) {
      void (async () => {
        const raw = await buffer(stream)
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const to = envelope.rcptTo.map(({ address }) => address)
        mails.push({ from, to, raw: raw.toString() })
        done(null)
      })()
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const close = () => new Promise<void>((closed) => server.close(() => closed()))
  return { url: `smtp://127.0.0.1:${port}`, port, mails, close }
}

/** A database with servers for a program (`hook`) and for Slack (`slack`), and the settings for both. */
export const test = base
  .extend('hook', async ({}, { onCleanup }) => {
    const server = await httpServer()
    onCleanup(server.close)
    return server
  })
  .extend('slack', async ({}, { onCleanup }) => {
    const server = await httpServer()
    onCleanup(server.close)
    return server
  })
  .extend('env', ({ hook, slack }) => ({
    RECOUP_ALERT_WEBHOOK: `${hook.url}/in/path-secret`,
    RECOUP_ALERT_WEBHOOK_SECRET: secret,
    RECOUP_ALERT_SLACK: `${slack.url}/services/T0/B0/slack-secret`,
  }))

const both: ChannelName[] = ['webhook', 'slack']

/** Raises in a transaction of its own. */
export async function raise(db: Db, changes: Partial<Alert> = {}, to = both) {
  await db.transaction().execute((tx) => raiseAlert(tx, { ...feeAlert, ...changes }, to))
}

export async function resolve(db: Db, note?: string, to = both) {
  await db
    .transaction()
    .execute((tx) => resolveAlert(tx, feeAlert.key, { ...(note && { note }) }, to))
}

/** Lets time pass: all that is written down moves into the past. */
export async function pass(db: Db, span: string) {
  await sql`
    update engine.alert
    set raised_at = raised_at - ${span}::interval, last_seen_at = last_seen_at - ${span}::interval,
        resolved_at = resolved_at - ${span}::interval, calm_at = calm_at - ${span}::interval`.execute(
    db,
  )
  await sql`
    update engine.outbox
    set due_at = due_at - ${span}::interval, expires_at = expires_at - ${span}::interval`.execute(
    db,
  )
}

interface OutboxRow {
  channel: string
  kind: string
  state: string
  tries: number
  error: string | null
  /** Seconds from now. */
  due_in: number
}

export async function outbox(db: Db): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`
    select channel, content->>'kind' as kind, state, tries, error,
      extract(epoch from due_at - clock_timestamp())::float8 as due_in
    from engine.outbox order by id`.execute(db)
  return rows
}

/** What goes out to a channel, as kinds in order. */
export async function kinds(db: Db, channel: ChannelName = 'slack'): Promise<string[]> {
  const rows = await outbox(db)
  return rows.filter((row) => row.channel === channel).map(({ kind }) => kind)
}

export const forever = new AbortController().signal
