import { expect } from 'vitest'

import { channelsOf } from '#jobs/alerts/channels.ts'
import { deliverNotices } from '#jobs/alerts/deliver.ts'
import { sendTestNotice } from '#jobs/alerts/test-notice.ts'
import { distrust } from '#kit/connect/webhook.ts'

import { feeAlert, forever, pass, raise, type Request, resolve, secret, test } from './kit.ts'

const options = { signal: forever }

/** What Recoup's own receiver says of a request. */
function judged({ headers, body }: Request, secrets: string): string | null {
  const header = (name: string) => headers[name]?.toString()
  const signature = {
    id: header('webhook-id'),
    timestamp: header('webhook-timestamp'),
    signatures: header('webhook-signature'),
  }
  const rules = { secrets, tolerance: { minutes: 5 }, nowMs: Date.now() }
  return distrust(Buffer.from(body), signature, rules)
}

test('the webhook says what happened, signed so that Recoup itself would trust it', async ({
  db,
  env,
  hook,
}) => {
  await raise(db, {}, ['webhook'])
  await deliverNotices(
    db,
    channelsOf({ ...env, RECOUP_URL: 'https://recoup.example.org' }),
    options,
  )
  const [request] = hook.requests
  expect(request).toMatchObject({
    method: 'POST',
    path: '/in/path-secret',
    headers: { 'content-type': 'application/json' },
  })
  expect(request!.headers['webhook-id']).toBe(request!.headers['recoup-notice-id'])
  expect(judged(request!, secret)).toBeNull()
  expect(judged(request!, 'another secret')).toContain('webhook-signature')
  expect(judged({ ...request!, body: `${request!.body} ` }, secret)).toContain('webhook-signature')
  const instant = expect.stringMatching(/^\d{4}-.*Z$/) as string
  expect(JSON.parse(request!.body)).toEqual({
    type: 'alert.raised',
    timestamp: instant,
    data: {
      ...feeAlert,
      since: instant,
      times: 1,
      note: null,
      resolved_at: null,
      next: 'npx recoup logs 12',
      url: 'https://recoup.example.org/',
    },
  })
})

test('while the secret is changed, who knows the old and who knows the new both trust it', async ({
  db,
  env,
  hook,
}) => {
  await raise(db, {}, ['webhook'])
  const secrets = `${secret} the-new-one`
  await deliverNotices(db, channelsOf({ ...env, RECOUP_ALERT_WEBHOOK_SECRET: secrets }), options)
  expect(judged(hook.requests[0]!, secret)).toBeNull()
  expect(judged(hook.requests[0]!, 'the-new-one')).toBeNull()
})

test('Slack gets blocks, and text in which nobody can mention everybody', async ({
  db,
  env,
  slack,
}) => {
  await raise(db, { title: '<!channel> a & b', body: '<https://evil.example|click> `x`' }, [
    'slack',
  ])
  await deliverNotices(
    db,
    channelsOf({ ...env, RECOUP_URL: 'https://recoup.example.org' }),
    options,
  )
  const mrkdwn = (text: unknown) => ({ type: 'mrkdwn', text, verbatim: true })
  expect(JSON.parse(slack.requests[0]!.body)).toEqual({
    text: '[Recoup] ERROR: &lt;!channel&gt; a &amp; b',
    blocks: [
      { type: 'section', text: mrkdwn(':red_circle: *ERROR: &lt;!channel&gt; a &amp; b*') },
      { type: 'section', text: mrkdwn('&lt;https://evil.example|click&gt; `x`') },
      { type: 'section', text: mrkdwn('What to do: `npx recoup logs 12`') },
      {
        type: 'context',
        elements: [
          mrkdwn(
            expect.stringMatching(
              /^Since \d{4}-\d\d-\d\d \d\d:\d\d UTC {2}· {2}Asset: mart\.fact_fee {2}· {2}Partition: 2026-10-14 .*<https:\/\/recoup\.example\.org\/\|Open Recoup>$/,
            ),
          ),
        ],
      },
    ],
  })
})

test('a text that grows beyond what Slack takes as it is escaped is cut between escapes', async ({
  db,
  env,
  slack,
}) => {
  await raise(db, { body: '&'.repeat(2_000) }, ['slack'])
  await deliverNotices(db, channelsOf(env), options)
  const { blocks } = JSON.parse(slack.requests[0]!.body) as { blocks: { text: { text: string } }[] }
  const { text } = blocks[1]!.text
  expect(text.length).toBeLessThanOrEqual(3_000)
  expect(text).toMatch(/^(&amp;){500,}…$/)
})

test.for([
  ['40 seconds', '40 s'],
  ['5 minutes', '5 min'],
  ['2 hours 5 minutes', '2 h 05 min'],
  ['3 days 4 hours 10 minutes', '3 d 04 h'],
])('what lasted %s is back to normal after %s', async ([span, words], { db, env, slack }) => {
  await raise(db, {}, ['slack'])
  await raise(db, {}, ['slack'])
  await pass(db, span!)
  await resolve(db, 'Run 13 loaded it.', ['slack'])
  await pass(db, '5 minutes')
  await deliverNotices(db, channelsOf(env), options)
  const { text, blocks } = JSON.parse(slack.requests[1]!.body) as { text: string; blocks: object[] }
  expect(text).toBe(
    `[Recoup] RECOVERED: Back to normal after ${words}: mart.fact_fee failed in run 12`,
  )
  expect(JSON.stringify(blocks)).toMatch(/Run 13 loaded it\..*From .* to .* UTC.*Seen 2 times/)
  expect(JSON.stringify(blocks)).not.toContain('What to do')
})

test('a test notice goes through every channel, and says which did not take it', async ({
  env,
  hook,
  slack,
}) => {
  slack.replies.push({ status: 403, body: 'invalid_token' })
  expect(await sendTestNotice(channelsOf(env), options)).toEqual([
    { channel: 'webhook', to: hook.url, error: null, remark: null },
    {
      channel: 'slack',
      to: slack.url,
      error: `${slack.url} answered 403: invalid_token`,
      remark: null,
    },
  ])
  expect(JSON.parse(hook.requests[0]!.body)).toMatchObject({ type: 'alert.test' })
})

test('no error repeats a secret, even when the receiver does', async ({ env, hook, slack }) => {
  const parrot = (...words: string[]) => ({
    status: 500,
    body: [...words, 'x'.repeat(5e6)].join(' '),
  })
  hook.replies.push(parrot(secret, env.RECOUP_ALERT_WEBHOOK, '/in/path-secret'))
  slack.replies.push(parrot(env.RECOUP_ALERT_SLACK))
  const tested = await sendTestNotice(channelsOf(env), options)
  expect(tested.map(({ error }) => error)).toEqual([
    expect.stringContaining(`${hook.url} answered 500: *** ${hook.url}*** *** xxx`),
    expect.stringContaining(`${slack.url} answered 500: ${slack.url}*** xxx`),
  ])
  for (const { error } of tested) expect(error!.length).toBeLessThan(250)
})
