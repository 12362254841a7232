/** The same warehouse made in peace and under blows, compared. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { generateDemo } from '#pipelines/demo/generate.ts'
import { type Random, stream } from '#pipelines/demo/random.ts'

import type { BenchServer } from '../server.ts'
import type { Place } from './crew.ts'
import { lastDays } from './days.ts'
import { type Blow, type Outcome, undergo } from './ordeal.ts'

/** How much of it. */
export interface Amount {
  kills: number
  crashes: number
  workers: number
  /** Days that are backfilled, at most 120. */
  days: number
  seed: number
  say: (words: string) => void
}

/** Longer than this nobody waits for the steps of a worker that was killed. */
export const goalSeconds = 15

/** What is left when nothing disturbs. */
export async function inPeace(server: BenchServer, amount: Amount): Promise<Outcome> {
  const place = await newPlace(server, { name: 'calm', redisUrl: undefined })
  const random = stream(amount.seed, 'calm')
  const days = lastDays(amount.days)
  const blows = { upkeep: [], backfill: [] }
  return await undergo({ ...amount, server, place, days, random, blows })
}

/** What is left under blows; what is not as it would be in peace is among what is wrong. */
export async function underBlows(
  server: BenchServer,
  { redisUrl, calm, ...amount }: Amount & { redisUrl: string | undefined; calm: Outcome },
): Promise<Outcome> {
  const name = redisUrl ? 'struck_redis' : 'struck_postgres'
  const place = await newPlace(server, { name, redisUrl })
  const random = stream(amount.seed, name)
  const { kills, crashes } = amount
  // A step that ends its workers five times fails, and loading the feeds has few steps.
  const early = Math.min(3, Math.ceil(kills / 4))
  const upkeep = shuffled(random, [...many('kill', early), ...many('crash', crashes > 1 ? 1 : 0)])
  const backfill = shuffled(random, [
    ...many('kill', kills - early),
    ...many('crash', crashes > 1 ? crashes - 1 : crashes),
    'obliterate' as const,
  ])
  const days = lastDays(amount.days)
  const blows = { upkeep, backfill }
  const outcome = await undergo({ ...amount, server, place, days, random, blows })
  for (const [table, print] of Object.entries(calm.prints))
    if (outcome.prints[table] !== print)
      outcome.wrong.push(`${table} has ${outcome.prints[table]}, in peace ${print}`)
  const slowest = Math.max(0, ...outcome.recoveries.map(({ seconds }) => seconds))
  if (slowest > goalSeconds)
    outcome.wrong.push(`steps of a killed worker were taken again after ${slowest.toFixed(1)} s`)
  return outcome
}

/** A database and a home with the small demo in its inbox. */
async function newPlace(
  server: BenchServer,
  { name, redisUrl }: { name: string; redisUrl: string | undefined },
): Promise<Place> {
  const url = await server.makeDatabase(name)
  const folder = join(server.folder, name)
  mkdirSync(folder)
  generateDemo({ preset: 'small', seed: 1, outDir: join(folder, 'inbox') })
  return { url, redisUrl, folder }
}

function many(blow: Blow, times: number): Blow[] {
  return Array.from({ length: times }, () => blow)
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const placed = items.map((item) => ({ item, place: random.next() }))
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item)
}
