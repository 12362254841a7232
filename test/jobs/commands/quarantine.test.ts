import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { connect } from '#jobs/postgres/pool.ts'
import { openWarehouse } from '#jobs/postgres/warehouse.ts'
import { makeHome, run } from '#test/journeys/kit.ts'

const { home, remove } = makeHome()
const warehouse = await openWarehouse({ RECOUP_HOME: home })
const { pool, close } = connect(warehouse.url)
afterAll(async () => {
  await close()
  await warehouse.close()
  remove()
})

const folder = join(home, 'mine')
mkdirSync(folder)
const write = (name: string, ...lines: string[]) => {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''))
  return join(folder, name)
}
const quarantine = (...args: string[]) => run(home, 'quarantine', ...args)

describe('bad rows are found, understood, mended and replayed', { timeout: 120_000 }, () => {
  test('before a row was set aside there is nothing to show', async () => {
    const partners = write('good.csv', 'partner,partner_kind,contracted_on', 'p,bank,2024-01-01')
    await run(home, 'ingest', partners, '--as', 'partner')
    expect(await quarantine()).toEqual({
      code: 0,
      stdout: 'No row is set aside.\n',
      stderr: '',
    })
    const none = await quarantine('export', '--output', join(folder, 'none.csv'))
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toBe('recoup: No row is set aside.\n')
  })

  test('the list counts them by reason and by file', async () => {
    const partners = write(
      'partners.csv',
      'partner,partner_kind,contracted_on',
      'a,spaceship,2024-01-01',
      '=b,spaceship,2024-01-01',
      'c\u001B[2J,bank',
    )
    await run(home, 'ingest', partners, '--as', 'partner')
    const agents = write('rates.csv', 'Date,USD', '2026-10-14,x')
    await run(home, 'ingest', agents, '--as', 'fx_rate')

    const { stdout } = await quarantine()
    expect(stdout).toMatch(/partner +2 +partner_kind: found "spaceship", expected one of/)
    expect(stdout).toMatch(/fx_rate +1 +rate: found "x"/)
    expect(stdout).toMatch(/UTC +partner +3 +3 +partners\.csv/)
    const listed = JSON.parse((await quarantine('--feed', 'partner', '--format', 'json')).stdout)
    expect(listed).toMatchObject({ reasons: [{ rows: 2 }, { rows: 1 }], files: [{ rows: 3 }] })
  })

  test('a row is shown with the cell at fault, and no text of it steers the terminal', async () => {
    const all = (await quarantine('show', '--feed', 'partner', '--reason', 'cells')).stdout
    expect(all).toContain('c␛[2J,bank')
    const row = /^\S+/.exec((await quarantine('show', '--reason', 'spaceship')).stdout)?.[0] ?? ''
    const shown = (await quarantine('show', row)).stdout
    expect(shown).toMatch(/partner_kind {3}spaceship {2}expected one of acquirer, wallet/)
    const unknown = await quarantine('show', '99:1')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('There is no row 99:1 in quarantine.')
  })

  test('a feed is exported, mended and ingested, and its rows leave the quarantine', async () => {
    const which = await quarantine('export')
    expect(which.code).toBe(2)
    expect(which.stderr).toContain('Rows of 2 feeds are set aside: fx_rate, partner.')

    const file = join(folder, 'mend.csv')
    const exported = await quarantine('export', '--feed', 'partner', '--output', file)
    expect(exported).toMatchObject({ code: 0, stdout: '' })
    expect(exported.stderr).toContain(`3 rows of partner to ${file}.`)
    expect((await quarantine('export', '--feed', 'partner', '--output', file)).code).toBe(2)

    const text = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      text.replaceAll('spaceship,', 'bank,').replace(/,,,(\d+:4)/, 'c,bank,2024-01-01,$1'),
    )
    const mended = await run(home, 'ingest', file, '--as', 'partner')
    expect(mended.stdout).toMatch(/mend\.csv +3 +3 +0 +0 +0\n/)
    expect((await quarantine('--feed', 'partner')).stdout).toBe('No row of partner is set aside.\n')
    const { rows } = await pool.query('select partner from raw.partner order by 1')
    expect(rows).toEqual([{ partner: '=b' }, { partner: 'a' }, { partner: 'c' }, { partner: 'p' }])
  })

  test('what the present contract accepts lands where it came from, and what derives is made anew', async () => {
    // As if the contract had not known acquirers when the file came.
    await pool.query(
      `with old as (
         update raw.load set rows_read = rows_read + 1, rows_rejected = rows_rejected + 1
         where file = 'good.csv' returning load_id, feed, file
       )
       insert into raw.quarantine (load_id, line, feed, file, raw_text, reason, reasons)
       select load_id, 9, feed, file, 'q,acquirer,2024-01-01', 'partner_kind: not known',
              '[{"column": "partner_kind", "found": "", "expected": ""}]' from old`,
    )
    const { code, stdout } = await quarantine('replay')
    expect(code).toBe(0)
    expect(stdout).toContain('partner: 1 of 1 row accepted (1 new, 0 newer, 0 same)')
    expect(stdout).toContain('fx_rate: 0 of 1 row accepted')
    expect(stdout).toMatch(/What remains:\n\n.*\n.*\nfx_rate +1 +rate: found "x"/)
    const landed =
      await pool.query(`select file, partner.line from raw.partner join raw.load using (load_id)
      where partner = 'q'`)
    expect(landed.rows).toEqual([{ file: 'good.csv', line: 9 }])
    const made = await pool.query(`select from mart.dim_partner where partner = 'q'`)
    expect(made.rowCount).toBe(1)
    const again = JSON.parse((await quarantine('replay', '--format', 'json')).stdout)
    expect(again).toMatchObject({ feeds: [{ feed: 'fx_rate', lines: 1, accepted: 0 }] })
  })
})
