import { sql } from 'kysely'
import { expect } from 'vitest'

import { recent } from '#kit/checks/recent.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const soldLately = recent('mart.sale', 'sold_at', { hours: 6 })
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

test('the newest instant counts, and none is not the newest', async ({ db }) => {
  await sales(db, { sold_at: hoursAgo(100) }, { sold_at: hoursAgo(5.9) }, { sold_at: null })
  expect(await broken(db, soldLately)).toEqual([])
  expect(soldLately.name).toBe('the newest sold_at is at most 6 hours old')
})

test('an old one is told with its age', async ({ db }) => {
  const newest = hoursAgo(6.2)
  await sales(db, { sold_at: newest }, { sold_at: hoursAgo(7) })
  const [row] = await broken(db, soldLately)
  expect(row).toEqual({ newest: expect.any(String), hours_old: '6.2' })
  expect(Date.parse((row as { newest: string }).newest)).toBe(Date.parse(newest))
})

test('a table that has none is not recent', async ({ db }) => {
  await sales(db)
  expect(await broken(db, soldLately)).toEqual([{ newest: null, hours_old: null }])
  await sales(db, { sold_at: null })
  expect(await broken(db, soldLately)).toEqual([{ newest: null, hours_old: null }])
})

test('loading an old day makes nothing old', async ({ db }) => {
  await sales(db, { sold_at: hoursAgo(1) }, { sold_at: '2026-11-28T12:00:00Z' })
  expect(await broken(db, soldLately, the28th)).toEqual([])
})

test.for(['UTC', 'Asia/Tokyo', 'America/Los_Angeles'])(
  'a day is as old as its end in %s',
  async (zone, { db }) => {
    await sales(db)
    await sql`insert into mart.sale (day) select (now() at time zone ${zone})::date - 2`.execute(db)
    // It ended at most two days ago and at least one.
    expect(await broken(db, recent('mart.sale', 'day', { hours: 48, zone }))).toEqual([])
    expect(await broken(db, recent('mart.sale', 'day', { hours: 24, zone }))).toHaveLength(1)
    const { rows } = await sql<{ hours: string }>`
      select round(24 + extract(epoch from now() - date_trunc('day', now(), ${zone})) / 3600, 1) as hours
    `.execute(db)
    expect(await broken(db, recent('mart.sale', 'day', { hours: 1, zone }))).toMatchObject([
      { hours_old: rows[0]?.hours },
    ])
  },
)
