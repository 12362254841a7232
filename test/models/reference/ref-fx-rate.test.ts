import { expect } from 'vitest'

import { refFxRate } from '#models/reference/ref-fx-rate.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { test } from '#test/kit/database.ts'
import { land, rowsOf } from '#test/kit/rows.ts'

import { rate } from '../fees/ledger.ts'

test('a weekend takes the rate of Friday', async ({ db }) => {
  await land(db, rawFxRate, [rate('PLN', '2026-10-02', '4.25'), rate('PLN', '2026-10-05', '4.3')])

  const rates = await rowsOf(db, refFxRate)
  expect(rates.filter(({ currency, day }) => currency === 'PLN' && day <= '2026-10-05')).toEqual([
    { day: '2026-10-02', currency: 'PLN', rate: '4.25', published_on: '2026-10-02', source: 'ecb' },
    { day: '2026-10-03', currency: 'PLN', rate: '4.25', published_on: '2026-10-02', source: 'ecb' },
    { day: '2026-10-04', currency: 'PLN', rate: '4.25', published_on: '2026-10-02', source: 'ecb' },
    { day: '2026-10-05', currency: 'PLN', rate: '4.3', published_on: '2026-10-05', source: 'ecb' },
  ])
})

test('a rate is carried 7 days and not 8, so a dead currency ends', async ({ db }) => {
  await land(db, rawFxRate, [rate('RUB', '2022-03-01', '117.2'), rate('USD', '2022-03-20', '1.1')])

  const rates = await rowsOf(db, refFxRate)
  const roubles = rates.filter(({ currency }) => currency === 'RUB')
  expect(roubles.length).toBe(8)
  expect(roubles.at(-1)).toMatchObject({ day: '2022-03-08', published_on: '2022-03-01' })
})

test('a currency that pauses for years is not carried through the pause', async ({ db }) => {
  await land(db, rawFxRate, [rate('ISK', '2008-12-09', '290'), rate('ISK', '2018-02-01', '125')])

  const kronur = (await rowsOf(db, refFxRate)).filter(({ currency }) => currency === 'ISK')
  expect(kronur.map(({ day }) => day)).toEqual([
    ...['09', '10', '11', '12', '13', '14', '15', '16'].map((day) => `2008-12-${day}`),
    ...['01', '02', '03', '04', '05', '06', '07', '08'].map((day) => `2018-02-${day}`),
  ])
})

test('kuna are converted at the fixed rate from the day Croatia joined the euro', async ({
  db,
}) => {
  await land(db, rawFxRate, [
    rate('HRK', '2022-12-30', '7.5365'),
    rate('USD', '2023-06-01', '1.07'),
  ])

  const kuna = (await rowsOf(db, refFxRate)).filter(({ currency }) => currency === 'HRK')
  expect(kuna.slice(0, 3)).toEqual([
    {
      day: '2022-12-30',
      currency: 'HRK',
      rate: '7.5365',
      published_on: '2022-12-30',
      source: 'ecb',
    },
    {
      day: '2022-12-31',
      currency: 'HRK',
      rate: '7.5365',
      published_on: '2022-12-30',
      source: 'ecb',
    },
    {
      day: '2023-01-01',
      currency: 'HRK',
      rate: '7.53450',
      published_on: '2023-01-01',
      source: 'fixed',
    },
  ])
  expect(kuna.at(-1)).toMatchObject({ day: '2023-06-08', rate: '7.53450' })
})

test('a euro is a euro on every day of the range', async ({ db }) => {
  await land(db, rawFxRate, [rate('USD', '2026-10-02', '1.1')])

  const euros = (await rowsOf(db, refFxRate)).filter(({ currency }) => currency === 'EUR')
  expect(euros.length).toBe(8)
  expect(new Set(euros.map((euro) => euro.rate))).toEqual(new Set(['1']))
})

test('the European Central Bank is believed before the demo, day by day', async ({ db }) => {
  await land(db, rawFxRate, [
    { ...rate('USD', '2026-10-01', '2'), source: 'demo' },
    { ...rate('USD', '2026-10-02', '2'), source: 'demo' },
    rate('USD', '2026-10-01', '1.1'),
  ])

  const dollars = (await rowsOf(db, refFxRate)).filter(({ currency }) => currency === 'USD')
  expect(dollars.slice(0, 3)).toMatchObject([
    { day: '2026-10-01', rate: '1.1', source: 'ecb' },
    { day: '2026-10-02', rate: '2', source: 'demo' },
    { day: '2026-10-03', rate: '2', source: 'demo' },
  ])
})
