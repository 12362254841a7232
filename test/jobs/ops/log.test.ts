import { expect, test } from 'vitest'

import { openLog } from '#jobs/ops/log.ts'

function written(write: (log: ReturnType<typeof openLog>) => void, env = {}, isTTY = false) {
  const lines: string[] = []
  write(openLog({ write: (line: string) => void lines.push(line), isTTY }, env))
  return lines
}

test('a line is JSON, with what it is about', () => {
  const [line = ''] = written((log) => log.info({ run: 7, asset: 'mart.fact_fee' }, 'done'))
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    run: 7,
    asset: 'mart.fact_fee',
    msg: 'done',
  })
})

test.each([
  ['postgres://recoup:s3cr3t@db:5432/recoup', 'postgres://recoup:***@db:5432/recoup'],
  ['redis://:s3cr3t@cache:6379', 'redis://:***@cache:6379'],
  ['postgres://u:s3cr3t@s3cr3t@db/x', 'postgres://u:***@db/x'],
  ['host=db password=s3cr3t user=u', 'host=db password=*** user=u'],
])('no password of %s is in it', (url, told) => {
  const [line = ''] = written((log) => log.warn({ error: { deep: [url] } }, `Cannot reach ${url}.`))
  expect(line).not.toContain('s3cr3t')
  expect(JSON.parse(line)).toMatchObject({ error: { deep: [told] } })
})

test('RECOUP_LOG_LEVEL says from which level on', () => {
  const both = (log: ReturnType<typeof openLog>) => {
    log.debug({}, 'small')
    log.warn({}, 'large')
  }
  expect(written(both)).toHaveLength(1)
  expect(written(both, { RECOUP_LOG_LEVEL: 'debug' })).toHaveLength(2)
  expect(written(both, { RECOUP_LOG_LEVEL: 'silent' })).toHaveLength(0)
  expect(() => written(both, { RECOUP_LOG_LEVEL: 'loud' })).toThrow(
    'RECOUP_LOG_LEVEL is "loud"; it must be one of debug, info, warn, error, silent.',
  )
})

test('on a terminal a line is one to read', () => {
  const [line = ''] = written((log) => log.warn({ run: 7, asset: 'mart.x' }, 'Again.'), {}, true)
  expect(line).toMatch(/^\d\d:\d\d:\d\d {2}Again\. {2}run=7 asset=mart\.x\n$/)
})
