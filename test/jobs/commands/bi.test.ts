import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test as base, vi } from 'vitest'

import { quicksight, tableau } from '#jobs/commands/bi.ts'

import { quicksightServer } from '#test/cube/bi/quicksight-server.ts'

const test = base
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bi-'))
    onCleanup(() => rm(folder, { recursive: true }))
    return folder
  })
  .extend('said', ({}, { onCleanup }) => {
    const lines: string[] = []
    const hear = (line: string) => void lines.push(line)
    vi.spyOn(console, 'log').mockImplementation(hear)
    vi.spyOn(console, 'error').mockImplementation(hear)
    onCleanup(() => void vi.restoreAllMocks())
    return lines
  })

test('the files of this project are as the model has them', async ({ said }) => {
  expect([await tableau({ check: true }), await quicksight({ check: true }), said]).toEqual([
    0,
    0,
    [],
  ])
})

test('--check names each file that differs, and what renews them', async ({ folder, said }) => {
  await tableau({ out: folder })
  await appendFile(join(folder, 'fees.tds'), ' ')
  await rm(join(folder, 'payments.tds'))
  await writeFile(join(folder, 'sales.tds'), '')
  said.length = 0

  expect(await tableau({ out: folder, check: true })).toBe(1)
  expect(said.map((line) => line.replaceAll(/\S*(bi-\w+)/g, '$1'))).toEqual([
    expect.stringMatching(/^bi-\w+\/fees\.tds is not as the model has it\.$/),
    expect.stringMatching(/^bi-\w+\/payments\.tds is missing\.$/),
    expect.stringMatching(/^bi-\w+\/sales\.tds is of no view: delete it\.$/),
    expect.stringMatching(/^To renew them: npx recoup bi tableau --out bi-\w+$/),
  ])
})

test('a file that is as it should be is not written again', async ({ folder, said }) => {
  await quicksight({ out: folder })
  await quicksight({ out: folder })
  expect(said.at(-1)).toMatch(/: 0 files written, \d+ unchanged\.$/)
})

test('the address that was typed is in the files, which then need a folder', async ({
  folder,
  said,
}) => {
  const address = { host: 'bi.example.com', port: 443, database: 'shop', tls: false }
  await tableau({ ...address, out: folder })
  expect(said).toEqual([expect.stringMatching(/: \d files written/)])
  expect(await readFile(join(folder, 'fees.tds'), 'utf8')).toContain(
    "dbname='shop' odbc-native-protocol='yes' port='443' server='bi.example.com' sslmode='' ",
  )
  await expect(tableau(address)).rejects.toThrow(
    'Name a folder with --out: cube/bi/tableau is for the default address.',
  )
})

test('--apply says what it lacks before it calls anybody', async () => {
  vi.stubEnv('AWS_REGION', undefined)
  await expect(quicksight({ apply: true, accountId: '111122223333' })).rejects.toThrow(
    '--apply also needs --host, --region, --principal.',
  )
  vi.unstubAllEnvs()
})

test('--apply says what became of each thing', async ({ said }) => {
  const server = await quicksightServer(({ method }) =>
    method === 'GET'
      ? { body: { DataSource: { Status: 'UPDATE_SUCCESSFUL' }, DataSet: {}, Dashboard: {} } }
      : { body: { VersionArn: 'arn/version/2' } },
  )
  vi.stubEnv('AWS_ENDPOINT_URL', server.url)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nobody')
  const account = { accountId: '111122223333', region: 'eu-central-1', principal: 'arn:ana' }
  expect(await quicksight({ apply: true, host: 'bi.example.com', ...account })).toBe(0)
  expect(said[0]).toBe('updated: the data source recoup')
  expect(said.at(-1)).toBe('updated: the dashboard recoup-starter')
  vi.unstubAllEnvs()
  await server.close()
})
