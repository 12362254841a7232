import { expect } from 'vitest'

import { channelsOf } from '#jobs/alerts/channels.ts'
import { deliverNotices } from '#jobs/alerts/deliver.ts'
import { sendTestNotice } from '#jobs/alerts/test-notice.ts'

import { forever, outbox, pass, raise, smtpServer, test as base } from './kit.ts'

const options = { signal: forever }

const mailEnv = (url: string, to = 'ops@example.org') => ({
  RECOUP_ALERT_MAIL: to,
  RECOUP_ALERT_MAIL_FROM: 'Recoup <alerts@recoup.example>',
  RECOUP_SMTP_URL: url,
})

const test = base.extend('smtp', async ({}, { onCleanup }) => {
  const server = await smtpServer()
  onCleanup(server.close)
  return server
})

/** The headers of a mail, unfolded. */
function headersOf(raw: string): string[] {
  const [head = ''] = raw.split('\r\n\r\n')
  return head.replaceAll(/\r\n[ \t]/g, ' ').split('\r\n')
}

test('a mail says what happened, since when and what to do, to each address', async ({
  db,
  smtp,
}) => {
  await raise(db, { body: 'a < b\nnext line' }, ['mail'])
  const env = mailEnv(smtp.url, 'ops@example.org, Fees <fees@example.org>')
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 1 })
  const [mail, ...others] = smtp.mails
  expect(others).toEqual([])
  expect(mail).toMatchObject({
    from: 'alerts@recoup.example',
    to: ['ops@example.org', 'fees@example.org'],
  })
  const headers = headersOf(mail!.raw)
  expect(headers).toContain('Subject: [Recoup] ERROR: mart.fact_fee failed in run 12')
  expect(headers).toContain('From: Recoup <alerts@recoup.example>')
  expect(headers).toContain('Auto-Submitted: auto-generated')
  const id = headers.find((line) => /^recoup-notice-id: /i.test(line))?.slice(18)
  expect(id).toMatch(/^[\da-f-]{36}$/)
  expect(headers).toContain(`Message-ID: <${id}@recoup.example>`)
  const text = mail!.raw.replaceAll('=\r\n', '')
  expect(text).toContain(
    'ERROR: mart.fact_fee failed in run 12\r\n\r\na < b\r\nnext line\r\n\r\nSince',
  )
  expect(text).toContain('What to do: npx recoup logs 12\r\n')
  expect(text).toContain('<p>a &lt; b<br>next line</p>')
})

test('a title with line breaks adds no header, nor does any part of what it is about', async ({
  db,
  smtp,
}) => {
  const evil = 'x\r\nBcc: thief@example.org\r\n\r\nbody\u2028Cc: thief@example.org'
  await raise(db, { title: evil, key: evil, about: { asset: evil, owner: evil } }, ['mail'])
  await deliverNotices(db, channelsOf(mailEnv(smtp.url)), options)
  const [mail] = smtp.mails
  expect(mail?.to).toEqual(['ops@example.org'])
  const names = headersOf(mail!.raw).map((line) => line.split(':')[0]!.toLowerCase())
  expect(names).not.toContain('bcc')
  expect(names).not.toContain('cc')
  expect(names.filter((name) => name === 'to')).toHaveLength(1)
})

test('a server that is down is tried again, and the mail arrives', async ({ db, smtp }) => {
  await raise(db, {}, ['mail'])
  const gone = mailEnv('smtp://127.0.0.1:1')
  expect(await deliverNotices(db, channelsOf(gone), options)).toMatchObject({ postponed: 1 })
  expect(await outbox(db)).toMatchObject([
    { state: 'waiting', error: expect.stringContaining('ECONNREFUSED') as string },
  ])
  await pass(db, '1 minute')
  expect(await deliverNotices(db, channelsOf(mailEnv(smtp.url)), options)).toMatchObject({
    sent: 1,
  })
  expect(smtp.mails).toHaveLength(1)
})

const refusing = (responseCode: number) => ({
  onRcptTo({ address }: { address: string }, _: unknown, done: (error?: Error | null) => void) {
    const error = Object.assign(new Error('no such box'), { responseCode })
    done(address.startsWith('gone') ? error : null)
  },
})

test('an address that the server does not know is final; one that it has no time for is not', async ({
  db,
}) => {
  for (const [code, state] of [
    [550, 'given up'],
    [451, 'waiting'],
  ] as const) {
    const smtp = await smtpServer(refusing(code))
    await raise(db, { key: `${code}` }, ['mail'])
    await deliverNotices(db, channelsOf(mailEnv(smtp.url, 'gone@example.org')), options)
    expect((await outbox(db)).at(-1)).toMatchObject({
      state,
      error: expect.stringContaining('no such box') as string,
    })
    await smtp.close()
  }
})

test('of several addresses the one that is refused is named, and the others get the mail', async ({
  db,
}) => {
  const smtp = await smtpServer(refusing(550))
  await raise(db, {}, ['mail'])
  const env = mailEnv(smtp.url, 'gone@example.org,ops@example.org')
  await deliverNotices(db, channelsOf(env), options)
  expect(smtp.mails).toMatchObject([{ to: ['ops@example.org'] }])
  expect(await outbox(db)).toMatchObject([
    { state: 'sent', error: `127.0.0.1:${smtp.port} refused gone@example.org.` },
  ])
  await smtp.close()
})

test('name and password are used, and a wrong password is not repeated', async () => {
  const smtp = await smtpServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth({ username, password }, _, done) {
      if (username === 'me@here' && password === 'p@ss/w:rd') return done(null, { user: 1 })
      return done(new Error(`${username} may not in with ${password}`))
    },
  })
  const address = (password: string) =>
    `smtp://me%40here:${encodeURIComponent(password)}@127.0.0.1:${smtp.port}`
  const send = (password: string) => sendTestNotice(channelsOf(mailEnv(address(password))), options)
  expect(await send('p@ss/w:rd')).toMatchObject([{ error: null }])
  const [wrong] = await send('gu/ess')
  expect(wrong?.error).toContain('may not in with ***')
  expect(smtp.mails).toHaveLength(1)
  await smtp.close()
})

test('a password is not given to a server elsewhere that offers no TLS', async () => {
  const names: (string | undefined)[] = []
  const smtp = await smtpServer({
    allowInsecureAuth: true,
    onAuth({ username }, _, done) {
      names.push(username)
      done(null, { user: 1 })
    },
  })
  // Leads to this machine, and is not one of the names by which it is known to be this one.
  const env = mailEnv(`smtp://me:secret@0.0.0.0:${smtp.port}`)
  const [tested] = await sendTestNotice(channelsOf(env), options)
  expect(tested?.error).toContain('STARTTLS')
  expect([names, smtp.mails]).toEqual([[], []])
  await smtp.close()
})

test('a server that says nothing is left in time', async () => {
  const smtp = await smtpServer({ onConnect: () => {} })
  const channels = channelsOf(mailEnv(smtp.url), { timeoutMs: 300 })
  expect(await sendTestNotice(channels, options)).toMatchObject([
    { to: 'ops@example.org', error: 'ops@example.org did not answer within 0.3 s.' },
  ])
  await smtp.close()
})
