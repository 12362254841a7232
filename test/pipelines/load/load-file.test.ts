import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'

import { rawFee } from '#pipelines/fees/fee.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { example, test } from './feed-file.ts'

const [header] = example(rawFeeEvent)
const event = (changes: Record<string, string>) => example(rawFeeEvent, changes)[1]

test('a row of the file is a row of the table, with an empty cell as null and the way back to its line', async ({
  loader,
  db,
}) => {
  const load = await loader.loadLines(rawFeeEvent, header, event({ source_event_id: 'E1' }))
  expect(load).toMatchObject({ rowsRead: 1, rowsNew: 1, rowsRejected: 0, alreadyLoaded: null })
  const rows = await db.selectFrom('raw.fee_event').selectAll().execute()
  expect(rows).toEqual([
    {
      source: 'epr_ledger',
      source_event_id: 'E1',
      fee_id: 'F0000017',
      event_type: 'collected',
      occurred_at: '2026-10-14T09:30:00Z',
      recorded_at: '2026-10-14T09:31:12Z',
      amount_minor: 1999,
      amount_kind: 'delta',
      currency: 'EUR',
      reason_code: null,
      supersedes: null,
      load_id: load.loadId,
      line: 2,
    },
  ])
})

test('a file with the same content is known again under any name, and nothing is done', async ({
  loader,
}) => {
  const content = `${header}\n${event({})}\n`
  const first = await loader.load(rawFeeEvent, loader.write('one.csv', content))
  const again = await loader.load(rawFeeEvent, loader.write('two.csv', content))
  expect(again).toMatchObject({
    loadId: first.loadId,
    rowsRead: 0,
    alreadyLoaded: { loadId: first.loadId, file: 'one.csv' },
  })
})

test('a partner that calls itself back\\slash, tab\there, "quoted" or comma, newline\nis kept to the letter', async ({
  loader,
}) => {
  const names = [
    'back\\slash\\N',
    'tab\there',
    '"quoted"',
    'comma, newline\r\nbelow',
    '\\.',
    'Ünïcode €😀',
  ]
  await loader.loadLines(
    rawPartner,
    'partner,partner_kind,contracted_on',
    ...names.map((name) => `"${name.replaceAll('"', '""')}",wallet,2024-01-01`),
  )
  const rows = (await loader.table(rawPartner)) as { partner: string }[]
  expect(rows.map(({ partner }) => partner).sort()).toEqual([...names].sort())
  expect(await loader.quarantine()).toEqual([])
})

test('gzip is recognised by its bytes, semicolons and another order of columns by the header', async ({
  loader,
}) => {
  const file = gzipSync(
    '\uFEFFcontracted_on;partner;partner_kind\r\n2024-01-01;acquirer_a;acquirer\r\n',
  )
  await loader.load(rawPartner, loader.write('partners.txt', file))
  expect(await loader.table(rawPartner)).toEqual([
    { partner: 'acquirer_a', partner_kind: 'acquirer', contracted_on: '2024-01-01' },
  ])
})

test('one JSON object a line is read too; a missing or empty value is null', async ({ loader }) => {
  const objects = [
    { ...rawFeeEvent.example, source_event_id: 'E1', amount_minor: 5, reason_code: null, note: 1 },
    { ...rawFeeEvent.example, source_event_id: 'E2', amount_minor: 5.5 },
  ]
  const text = [...objects.map((object) => JSON.stringify(object)), '{"cut'].join('\n')
  const load = await loader.load(rawFeeEvent, loader.write('events.ndjson', text))
  expect(load).toMatchObject({ rowsNew: 1, rowsRejected: 2, ignoredColumns: ['note'] })
  expect(await loader.table(rawFeeEvent)).toMatchObject([
    { source_event_id: 'E1', amount_minor: 5, supersedes: null },
  ])
  expect(await loader.quarantine()).toMatchObject([
    {
      line: 2,
      reason: expect.stringContaining('amount_minor: found 5.5, expected a whole number'),
    },
    { line: 3, raw_text: '{"cut' },
  ])
})

test('columns that the contract does not know are named', async ({ loader }) => {
  const load = await loader.loadLines(
    rawPartner,
    'partner,partner_kind,contracted_on,colour',
    'a,bank,2024-01-01,red',
  )
  expect(load.ignoredColumns).toEqual(['colour'])
})

describe('a row that breaks its contract is in quarantine with its line, its text and a sentence', () => {
  test('an unknown currency', async ({ loader }) => {
    const bad = event({ currency: 'EURO' })
    const load = await loader.loadLines(rawFeeEvent, header, event({}), bad)
    expect(load).toMatchObject({ rowsRead: 2, rowsNew: 1, rowsRejected: 1 })
    expect(await loader.quarantine()).toMatchObject([{ line: 3, raw_text: bad }])
    expect((await loader.quarantine())[0]?.reason).toMatch(
      /^currency: found "EURO", expected one of EUR(, [A-Z]{3}){11} and 30 more\. Did you mean EUR\?$/,
    )
  })

  test('a row cut short, and one with too many cells', async ({ loader }) => {
    await loader.loadLines(
      rawPartner,
      'partner,partner_kind,contracted_on',
      'a,bank',
      'b,bank,2024-01-01,',
    )
    expect(await loader.quarantine()).toEqual([
      {
        line: 2,
        raw_text: 'a,bank',
        reason: 'found 2 cells, the last being "bank", expected 3 cells, as in the header.',
      },
      {
        line: 3,
        raw_text: 'b,bank,2024-01-01,',
        reason: 'found 4 cells, the last being "", expected 3 cells, as in the header.',
      },
    ])
  })

  test('several faults in one row are all told', async ({ loader }) => {
    await loader.loadLines(
      rawFeeEvent,
      header,
      event({ fee_id: '', amount_minor: '19.99', occurred_at: '14.10.2026' }),
    )
    const [row] = await loader.quarantine()
    expect(row?.reason).toBe(
      'fee_id: found nothing, expected UTF-8 text of at most 40 characters. ' +
        'occurred_at: found "14.10.2026", expected an instant with its offset such as 2026-10-14T09:30:00Z. ' +
        'amount_minor: found "19.99", expected a whole number of minor units such as 1999 for 19.99.',
    )
  })

  test('text that is not UTF-8, and a NUL', async ({ loader }) => {
    const content = Buffer.concat([
      Buffer.from('partner,partner_kind,contracted_on\n'),
      Buffer.from('Caf\xe9,bank,2024-01-01\n', 'latin1'),
      Buffer.from('a\0b,bank,2024-01-01\nfine,bank,2024-01-01\n'),
    ])
    const load = await loader.load(rawPartner, loader.write('latin1.csv', content))
    expect(load).toMatchObject({ rowsNew: 1, rowsRejected: 2 })
    expect(await loader.quarantine()).toMatchObject([
      {
        line: 2,
        reason: expect.stringContaining('partner: found the byte 0xE9 after "Caf"'),
      },
      { line: 3, raw_text: 'a\u2400b,bank,2024-01-01' },
    ])
  })

  test('what Postgres would refuse: the year 0, an offset of 16 hours', async ({ loader }) => {
    const load = await loader.loadLines(
      rawFeeEvent,
      header,
      event({ occurred_at: '0000-01-01T00:00:00Z' }),
      event({ occurred_at: '2026-01-01T00:00:00+16:00' }),
      event({ occurred_at: '2026-01-01T00:00:00.123456789-15:59' }),
    )
    expect(load).toMatchObject({ rowsNew: 1, rowsRejected: 2 })
  })

  test('thousands of bad rows are all listed', async ({ loader, db }) => {
    const bad = Array.from({ length: 3000 }, (_, i) => `p${i},spaceship,2024-01-01`)
    await loader.loadLines(rawPartner, 'partner,partner_kind,contracted_on', ...bad)
    const { rows } = await db
      .selectFrom('raw.quarantine')
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
    expect(rows).toBe(3000)
  })
})

describe('a file that is not this feed at all is refused with a sentence, and nothing is loaded', () => {
  const refusals: [string, string | Buffer, string][] = [
    ['an empty file', '', 'the file is empty (0 bytes)'],
    ['a packed empty file', gzipSync(''), 'the file is empty (0 bytes)'],
    ['blank lines', '\n \n', 'only blank lines'],
    ['a header alone', 'partner,partner_kind,contracted_on\n', 'a header but no rows'],
    ['a workbook', Buffer.from('PK\x03\x04rest'), 'an Excel workbook'],
    ['UTF-16', Buffer.from('\uFEFFpartner', 'utf16le'), 'UTF-16 text, expected UTF-8'],
    [
      'a broken gzip',
      gzipSync('partner,partner_kind,contracted_on\na,bank,2024-01-01\n').subarray(0, 40),
      'damaged or cut short',
    ],
    ['binary noise', Buffer.alloc(2_000_000, 7), 'does not end within a megabyte'],
    [
      'a column twice',
      'partner,partner,partner_kind,contracted_on\na,b,c,d\n',
      'partner appears twice',
    ],
    [
      'other columns',
      'partner,kind,contracted\na,bank,2024-01-01\n',
      'no column partner_kind, contracted_on. Found "partner", "kind", "contracted"; expected a header with partner, partner_kind, contracted_on. "contracted" may be contracted_on.',
    ],
  ]
  test.for(refusals)('%s', async ([, content, sentence], { loader, db }) => {
    const { refused } = await loader.load(rawPartner, loader.write('file.csv', content))
    expect(refused).toContain(sentence)
    expect(refused).toMatch(/^file\.csv: /)
    expect(await loader.table(rawPartner)).toEqual([])
    const loads = await db.selectFrom('raw.load').select(['rows_read', 'is_finished']).execute()
    expect(loads).toEqual([{ rows_read: 0, is_finished: false }])
    expect(await loader.quarantine()).toMatchObject([{ line: 0, reason: refused }])
  })
})

describe('the newest version of a row stays', () => {
  const at = (minute: number, changes: Record<string, string> = {}) =>
    event({ recorded_at: `2026-10-14T09:${String(minute).padStart(2, '0')}:00Z`, ...changes })

  test('when it comes later', async ({ loader }) => {
    await loader.loadLines(rawFeeEvent, header, at(1))
    const load = await loader.loadLines(rawFeeEvent, header, at(2, { amount_minor: '5' }))
    expect(load).toMatchObject({ rowsNew: 0, rowsNewer: 1, rowsSame: 0 })
    expect(await loader.table(rawFeeEvent)).toMatchObject([{ amount_minor: 5 }])
  })

  test('when it came earlier', async ({ loader }) => {
    await loader.loadLines(rawFeeEvent, header, at(2, { amount_minor: '5' }))
    const load = await loader.loadLines(rawFeeEvent, header, at(1))
    expect(load).toMatchObject({ rowsNew: 0, rowsNewer: 0, rowsSame: 1 })
    expect(await loader.table(rawFeeEvent)).toMatchObject([{ amount_minor: 5 }])
  })

  test('a feed without versions keeps what was loaded last', async ({ loader }) => {
    const partners = 'partner,partner_kind,contracted_on'
    await loader.loadLines(
      rawPartner,
      partners,
      'a,bank,2024-01-01',
      'a,bnpl,2024-01-01',
      'a,wallet,2024-01-01',
    )
    expect(await loader.table(rawPartner)).toMatchObject([{ partner_kind: 'wallet' }])
    const load = await loader.loadLines(
      rawPartner,
      partners,
      'a,acquirer,2024-01-01',
      'b,bank,2024-01-01',
    )
    expect(load).toMatchObject({ rowsNew: 1, rowsNewer: 1 })
    expect(await loader.table(rawPartner)).toMatchObject([
      { partner_kind: 'acquirer' },
      { partner: 'b' },
    ])
  })

  test('rows in any order, cut into any files, with duplicates, corrections and ties, leave the same table', async ({
    loader,
    db,
  }) => {
    const row = fc.record({
      source_event_id: fc.constantFrom('E1', 'E2', 'E3', 'E4', 'E5'),
      minute: fc.integer({ min: 1, max: 3 }),
      amount_minor: fc.constantFrom('1', '2', '10'),
      reason_code: fc.constantFrom('', 'a', 'B'),
    })
    const rows = fc.array(row, { minLength: 1, maxLength: 30 })
    const plan = fc.tuple(rows, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 7 }))
    await fc.assert(
      fc.asyncProperty(plan, async ([made, random, pieces]) => {
        const lines = made.map(({ minute, ...changes }) => at(minute, changes))
        const shuffled = [...lines]
          .map((line) => ({ line, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ line }) => line)
        const tables: object[][] = []
        for (const files of [[lines], inPieces(shuffled, pieces)]) {
          await sql`truncate raw.fee_event, raw.load`.execute(db)
          for (const file of files) await loader.loadLines(rawFeeEvent, header, ...file)
          tables.push(await loader.table(rawFeeEvent))
        }
        expect(tables[0]).toEqual(tables[1])
      }),
      { numRuns: 40 },
    )
  })

  test('a file larger than a batch counts every row once', async ({ loader }) => {
    const events = Array.from({ length: 150_000 }, (_, i) =>
      event({ source_event_id: `E${i % 100_000}` }),
    )
    const file = (...more: string[]) =>
      loader.write('large.csv', `${[header, events.join('\n'), ...more].join('\n')}\n`)
    const first = await loader.load(rawFeeEvent, file())
    expect(first).toMatchObject({ rowsRead: 150_000, rowsNew: 100_000, rowsSame: 50_000 })
    const again = await loader.load(rawFeeEvent, file(event({ source_event_id: 'new' })))
    expect(again).toMatchObject({ rowsRead: 150_001, rowsNew: 1, rowsNewer: 0, rowsSame: 150_000 })
  })
})

function inPieces<T>(all: readonly T[], count: number): T[][] {
  const size = Math.ceil(all.length / count)
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(i * size, (i + 1) * size),
  )
}

test('what the contract accepts, Postgres accepts', async ({ loader }) => {
  const oneOf = (...values: string[]) => fc.constantFrom(...values)
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom('0', '1', '2', '7', '9'), minLength: 1, maxLength: length })
  const noise = fc.string({ unit: 'binary', maxLength: 50 })
  const changes = fc.record({
    fee_id: fc.oneof(fc.string(), noise, oneOf('\\N', '\\.', 'NULL', ' ')),
    quantity: fc.oneof(
      digits(11),
      digits(11).map((text) => `-${text}`),
      oneOf('-0', '1e5', '+1', ' 1', ''),
    ),
    due_on: oneOf(
      '2026-02-29',
      '2024-02-29',
      '9999-12-31',
      '0001-01-01',
      '0000-12-31',
      '2026-1-1',
      'infinity',
      'now',
      '20260101',
    ),
    recorded_at: oneOf(
      '9999-12-31T23:59:59.999999999Z',
      '0001-01-01T00:00:00+15:59',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00:60Z',
      '2026-01-01T00:00:00-00:00',
      '2026-01-01 00:00:00Z',
      '2026-01-01T00:00Z',
      'now',
    ),
    period: oneOf('2026-01', '0000-01', '2026-13'),
  })
  const [feeHeader] = example(rawFee)
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 40 }), async (rows) => {
      const lines = rows.map((row) =>
        example(rawFee, row)
          .join('\n')
          .slice(feeHeader.length + 1),
      )
      const load = await loader.loadLines(rawFee, feeHeader, ...lines)
      if (load.alreadyLoaded) return
      expect(load.rowsNew + load.rowsNewer + load.rowsSame + load.rowsRejected).toBe(load.rowsRead)
    }),
    { numRuns: 60 },
  )
})

const published = join(import.meta.dirname, '../../../../shared/data/eurofxref-hist.csv.gz')
if (!existsSync(published))
  console.log(
    'The history of the European Central Bank is not at ../shared/data: its test is skipped.',
  )

test.skipIf(!existsSync(published))(
  'the European Central Bank history loads as it is published',
  async ({ loader, db }) => {
    const load = await loader.load(rawFxRate, published)
    expect(load.rowsRejected).toBe(0)
    expect(load.rowsNew).toBeGreaterThan(200_000)
    const rates = await db
      .selectFrom('raw.fx_rate')
      .select(['currency', 'rate'])
      .where('day', '=', '1999-01-04')
      .where('currency', 'in', ['USD', 'JPY', 'BGN'])
      .orderBy('currency')
      .execute()
    expect(rates).toEqual([
      { currency: 'JPY', rate: '133.73' },
      { currency: 'USD', rate: '1.1789' },
    ])
  },
)

test('a wide file becomes rows; a cell at fault is quarantined with the line as it was published', async ({
  loader,
}) => {
  const load = await loader.loadLines(
    rawFxRate,
    'Date,USD,XXX,JPY,',
    '2026-10-14,1.1684,2.5,N/A,',
    '2026-10-13,1.17,N/A,186.75,',
  )
  expect(load).toMatchObject({ rowsRead: 4, rowsNew: 3, rowsRejected: 1 })
  expect(await loader.table(rawFxRate)).toEqual([
    { source: 'ecb', day: '2026-10-13', currency: 'JPY', rate: '186.75' },
    { source: 'ecb', day: '2026-10-13', currency: 'USD', rate: '1.17' },
    { source: 'ecb', day: '2026-10-14', currency: 'USD', rate: '1.1684' },
  ])
  expect(await loader.quarantine()).toMatchObject([
    {
      line: 2,
      raw_text: '2026-10-14,1.1684,2.5,N/A,',
      reason: expect.stringMatching(
        /^currency: found "XXX", expected one of EUR, USD, .* and 30 more\.$/,
      ),
    },
  ])
})
