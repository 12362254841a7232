import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { expect, test as base } from 'vitest'

import { validateFile } from '#kit/validate.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

const test = base.extend('write', async ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-validate-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  return (content: string | Buffer) => {
    const path = join(folder, 'partners.csv')
    writeFileSync(path, content)
    return path
  }
})

const header = 'partner,partner_kind,contracted_on,colour'
const day = '2024-01-01'

test('a file is judged as a load would judge it, and nothing is loaded', async ({ write }) => {
  const rows = [
    `a,bank,${day},`,
    `b,spaceship,${day},`,
    `a,wallet,${day},`,
    `c,spaceship,x,`,
    'd',
    `e,bnk,${day},`,
    `f,spaceship,${day},`,
  ]
  const verdict = await validateFile(rawPartner, write(`${header}\n${rows.join('\n')}\n`))
  expect(verdict).toMatchObject({
    file: 'partners.csv',
    feed: 'partner',
    format: 'csv',
    rows: 7,
    accepted: 2,
    rejected: 5,
    repeatedKeys: 1,
    comparedAllKeys: true,
    ignoredColumns: ['colour'],
    refused: null,
  })
  expect(verdict.reasons).toMatchObject([
    { column: 'partner_kind', rows: 4, first: [{ line: 3 }, { line: 5 }, { line: 7 }] },
    { column: null, rows: 1, first: [{ line: 6, raw: 'd' }] },
  ])
  expect(verdict.reasons[0]?.first[0]).toEqual({
    line: 3,
    raw: rows[1],
    reason:
      'partner_kind: found "spaceship", expected one of acquirer, wallet, bnpl, bank, points.',
  })
})

test('rows by the ten thousand with a key of their own repeat none', async ({ write }) => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `p${i},bank,${day},`)
  const verdict = await validateFile(rawPartner, write(`${header}\n${rows.join('\n')}\n`))
  expect(verdict).toMatchObject({ accepted: 20_000, repeatedKeys: 0, rejected: 0 })
})

test('a wide file is judged by the rows it becomes', async ({ write }) => {
  const verdict = await validateFile(rawFxRate, write('Date,USD,JPY\n2026-10-14,1.1,x\n'))
  expect(verdict).toMatchObject({ rows: 2, accepted: 1, rejected: 1 })
})

test('a file that is not the feed is refused with the sentence a load would give', async ({
  write,
}) => {
  expect(await validateFile(rawPartner, write('agent_id\nA1\n'))).toMatchObject({
    rows: 0,
    refused: expect.stringContaining('this is not a partner feed'),
  })
  expect(await validateFile(rawPartner, write(`${header}\n`))).toMatchObject({
    refused: expect.stringContaining('a header but no rows below it'),
  })
})

test('rows before the damage are judged, and the damage is told', async ({ write }) => {
  const rows = Array.from({ length: 500 }, (_, i) => `p${i},bank,${day},\n`).join('')
  const whole = gzipSync(`${header}\n${rows}`, { level: 0 })
  const verdict = await validateFile(rawPartner, write(whole.subarray(0, whole.length - 100)))
  expect(verdict.accepted).toBeGreaterThan(450)
  expect(verdict.refused).toContain('damaged or cut short')
})

test('what a file is can be said where it shows wrongly', async ({ write }) => {
  const path = write(`{"x\n`)
  expect((await validateFile(rawPartner, path)).refused).toContain('is not JSON')
  expect((await validateFile(rawPartner, path, { format: 'csv' })).refused).toContain(
    'has no column',
  )
})
