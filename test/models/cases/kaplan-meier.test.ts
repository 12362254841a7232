import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { test } from '#test/kit/database.ts'

/** Waiting times; a text such as '30+' is of one that still waits. */
async function quantile(db: Kysely<AnyDatabase>, p: number, waits: (number | string)[]) {
  const seconds = waits.map((wait) => Number.parseInt(String(wait), 10))
  const observed = waits.map((wait) => typeof wait === 'number')
  const query = sql<{ waited: string | null }>`
    select mart.kaplan_meier(${p}, ${seconds}::int8[], ${observed}::bool[]) as waited`
  const [row] = (await query.execute(db)).rows
  return row?.waited === null ? null : Number(row?.waited)
}

test('without waiting cases it is the nearest rank, for any number of cases', async ({ db }) => {
  const sizes = [...Array.from({ length: 60 }, (_, n) => n + 1), 100, 1000, 40_000]
  const query = sql`
    select n, p, mart.kaplan_meier(p, waits, array_fill(true, array[n])) as estimated, ranked
    from unnest(${sizes}::int[]) as n, unnest('{0.5, 0.9, 0.3}'::numeric[]) as p,
      lateral (
        select array_agg(hashint4(i) % 1000 + 1000) as waits,
          percentile_disc(p) within group (order by hashint4(i) % 1000 + 1000) as ranked
        from generate_series(1, n) i
      ) cases
    where mart.kaplan_meier(p, waits, array_fill(true, array[n])) is distinct from ranked`
  expect((await query.execute(db)).rows).toEqual([])
})

test('cases that still wait push it back', async ({ db }) => {
  expect(await quantile(db, 0.5, [10, 20, 30, 40])).toBe(20)
  // S = 3/4 after 10; two still wait at 15, so 30 is the first of the 2 left: S = 3/8.
  expect(await quantile(db, 0.5, [10, '15+', 30, 40])).toBe(30)
})

test('of equal times the decision comes before what still waits', async ({ db }) => {
  expect(await quantile(db, 0.5, [10, '10+'])).toBe(10)
  expect(await quantile(db, 0.5, ['10+', 10, 20, 20])).toBe(20)
  // Two of four at 10: S = 1/2 at once.
  expect(await quantile(db, 0.5, [10, 10, '10+', 20])).toBe(10)
})

test('it is unknown when too few are decided, or there is none', async ({ db }) => {
  expect(await quantile(db, 0.9, [10, '20+', '20+'])).toBeNull()
  expect(await quantile(db, 0.5, ['20+'])).toBeNull()
  expect(await quantile(db, 0.5, [])).toBeNull()
})
