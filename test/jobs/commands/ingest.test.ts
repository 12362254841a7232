import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { openWarehouse } from '#jobs/postgres/warehouse.ts'
import { type Ended, makeHome, run, runWith } from '#test/journeys/kit.ts'

const { home, remove } = makeHome()
// Commands are quicker while somebody keeps the server.
const warehouse = await openWarehouse({ RECOUP_HOME: home })
afterAll(async () => {
  await warehouse.close()
  remove()
})

const folder = join(home, 'mine')
mkdirSync(folder)
const header = 'partner,partner_kind,contracted_on'
const write = (name: string, ...rows: string[]) => {
  writeFileSync(join(folder, name), [header, ...rows].map((row) => `${row}\n`).join(''))
  return join(folder, name)
}
const ingest = (...args: string[]) => run(home, 'ingest', ...args, '--as', 'partner')
const json = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>[]

describe('files of a feed are given on the command line', { timeout: 120_000 }, () => {
  test('a pattern that the shell left alone names files', async () => {
    write('a-1.csv', 'p1,bank,2024-01-01')
    write('a-2.csv', 'p2,bank,2024-01-01', 'p3,spaceship,2024-01-01')
    const ended = await ingest(join(folder, 'a-*.csv'))
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/a-1\.csv +1 +1 +0 +0 +0\n/)
    expect(ended.stdout).toMatch(/a-2\.csv +2 +1 +0 +0 +1\n/)
    expect(ended.stdout).toContain('a-2.csv, line 3: partner_kind: found "spaceship"')
    const inbox = readdirSync(join(home, 'inbox/partner'))
    expect(inbox.map((name) => name.replace(/^.*?-.*?-/, ''))).toEqual(['a-1.csv', 'a-2.csv'])
  })

  test('standard input is a file like others, and known when it comes again', async () => {
    const input = `${header}\np4,bank,2024-01-01\n`
    const first = await runWith({ home, input }, 'ingest', '-', '--as', 'partner', '--json')
    expect(json(first)).toMatchObject([
      { file: 'stdin', feed: 'partner', state: 'loaded', rows_read: 1, rows_new: 1, set_aside: 0 },
    ])
    const again = await runWith({ home, input }, 'ingest', '-', '--as', 'partner')
    expect(again.stdout).toMatch(/^stdin was loaded before, on .* UTC; nothing changed\.\n$/)
    expect(readdirSync(join(home, 'inbox/partner'))).toHaveLength(3)
  })

  test('a file known before says how many of its rows are set aside', async () => {
    const { code, stdout } = await ingest(join(folder, 'a-2.csv'))
    expect(code).toBe(0)
    expect(stdout).toContain('1 row of it set aside; to judge them again: recoup quarantine replay')
  })

  test('a quiet load says nothing; a quiet refusal says why, and ends with 1', async () => {
    const good = write('b.csv', 'p5,bank,2024-01-01', 'p6,spaceship,2024-01-01')
    expect(await ingest(good, '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
    const refused = await ingest(write('c.csv'), '--quiet')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe(
      'Refused: c.csv: the file has a header but no rows below it. ' +
        'What a partner feed must look like: npx recoup contracts partner\n',
    )
  })

  test('what a file is can be said where it shows wrongly', async () => {
    const path = join(folder, 'brace.csv')
    writeFileSync(path, `{note,${header}\n{,p7,bank,2024-01-01\n`)
    expect((await ingest(path)).stderr).toContain('its first line is not JSON')
    expect(json(await ingest(path, '--format', 'csv', '--json'))).toMatchObject([
      { state: 'loaded', rows_new: 1 },
    ])
  })

  test('a file whose name looks unfinished is loaded when it is given by name', async () => {
    const path = write('d.tmp', 'p8,bank,2024-01-01')
    expect(json(await ingest(path, '--json'))).toMatchObject([{ file: 'd.tmp', rows_new: 1 }])
  })

  test('what is written into a file later is not loaded unasked', async () => {
    const path = join(folder, 'a-1.csv')
    writeFileSync(path, `${readFileSync(path, 'utf8')}p9,bank,2024-01-01\n`)
    const { stdout } = await ingest(write('e.csv', 'p10,bank,2024-01-01'))
    expect(stdout).toContain('1 feed (1 row) loaded')
  })

  test('what cannot be meant is answered with what can, and exit code 2', async () => {
    const none = await ingest(join(folder, 'nope-*.csv'))
    expect(none).toMatchObject({ code: 2, stdout: '' })
    expect(none.stderr).toContain('No file is called')
    const directory = await ingest(folder)
    expect(directory.code).toBe(2)
    expect(directory.stderr).toContain(`is a folder. For all files in it: '${folder}/*'`)
    const format = await ingest(join(folder, 'a-1.csv'), '--format', 'json')
    expect(format.code).toBe(2)
    expect(format.stderr).toContain('For the result as JSON: --json')
  })
})
