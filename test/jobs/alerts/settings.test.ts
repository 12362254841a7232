import { describe, expect, test } from 'vitest'

import { channelsOf } from '#jobs/alerts/channels.ts'
import { channelNames } from '#jobs/alerts/names.ts'

const right = {
  RECOUP_ALERT_WEBHOOK: 'https://example.org/hook',
  RECOUP_ALERT_WEBHOOK_SECRET: 'a secret',
  RECOUP_ALERT_SLACK: 'https://hooks.slack.example/services/T/B/X',
  RECOUP_ALERT_MAIL: 'ops@example.org, Fees <fees@example.org>',
  RECOUP_ALERT_MAIL_FROM: 'alerts@example.org',
  RECOUP_SMTP_URL: 'smtps://me:p%40ss@mail.example.org',
  RECOUP_URL: 'https://recoup.example.org/',
}

test('what is set up is known by name and place, without a secret', () => {
  expect(channelsOf(right).map(({ name, to }) => [name, to])).toEqual([
    ['webhook', 'https://example.org'],
    ['slack', 'https://hooks.slack.example'],
    ['mail', 'ops@example.org, fees@example.org'],
  ])
  expect(channelNames(right)).toEqual(['webhook', 'slack', 'mail'])
})

test('nothing set up is no channel, and so is an empty variable', () => {
  expect(channelsOf({})).toEqual([])
  expect(channelsOf({ RECOUP_ALERT_SLACK: ' ', RECOUP_URL: '' })).toEqual([])
})

describe('what is set up wrong is refused with the name of the variable and not with its value', () => {
  test.each([
    ['RECOUP_ALERT_WEBHOOK', 'example.org/hook-s3cret', 'is not an address'],
    ['RECOUP_ALERT_WEBHOOK', 'ftp://example.org/s3cret', 'begins with ftp:'],
    ['RECOUP_ALERT_WEBHOOK', 'https://me:s3cret@example.org', 'has a name or password'],
    ['RECOUP_ALERT_WEBHOOK_SECRET', '', 'which is not'],
    ['RECOUP_ALERT_WEBHOOK_SECRET', 'whsec_', 'has whsec_ before something else'],
    ['RECOUP_ALERT_SLACK', 's3cret', 'is not an address'],
    ['RECOUP_SMTP_URL', undefined, 'which is not'],
    ['RECOUP_SMTP_URL', 'mail.example.org', 'is not an address'],
    ['RECOUP_SMTP_URL', 'https://me:s3cret@mail.example.org', 'begins with https:'],
    ['RECOUP_SMTP_URL', 'smtp://me:s3cret@', 'is not an address'],
    ['RECOUP_SMTP_URL', 'smtp://me:s3cret@mail.example.org/?pool=true', 'something after the host'],
    ['RECOUP_SMTP_URL', 'smtp://me@mail.example.org', 'a name without a password'],
    ['RECOUP_SMTP_URL', 'smtp://me:s3cret%@mail.example.org', 'has a % in its name or password'],
    ['RECOUP_ALERT_MAIL_FROM', undefined, 'which is not'],
    ['RECOUP_ALERT_MAIL_FROM', 'Recoup', 'is no mail address'],
    ['RECOUP_ALERT_MAIL_FROM', 'a\nBcc: b <c@d.example>', 'is no mail address'],
    ['RECOUP_ALERT_MAIL', 'ops@example.org,,', 'is no mail address'],
    ['RECOUP_ALERT_MAIL', 'ops@example.org\r\nRCPT TO:<b@d.example>', 'is no mail address'],
    ['RECOUP_URL', 'recoup.example.org', 'is not an address'],
  ])('%s = %j %s', (variable, value, reason) => {
    const problem = problemOf({ ...right, [variable]: value })
    expect(problem).toContain(variable)
    expect(problem).toContain(reason)
    expect(problem).not.toContain('s3cret')
  })

  test('a part of a channel that is not switched on', () => {
    expect(problemOf({ RECOUP_ALERT_WEBHOOK_SECRET: 's3cret' })).toBe(
      'RECOUP_ALERT_WEBHOOK_SECRET is set and RECOUP_ALERT_WEBHOOK is not, so no alert goes that way. ' +
        'Set RECOUP_ALERT_WEBHOOK, or unset RECOUP_ALERT_WEBHOOK_SECRET.',
    )
    expect(problemOf({ RECOUP_ALERT_MAIL_FROM: 'a@b.example' })).toContain(
      'RECOUP_ALERT_MAIL is not',
    )
  })
})

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    channelsOf(env)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}
