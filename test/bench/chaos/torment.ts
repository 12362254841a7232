/** One load, struck again and again: its process killed, or the server under it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { feedName } from '#kit/read/header.ts'
import type { Random } from '#pipelines/demo/random.ts'

import type { MadeUp } from '../feeds/made-up.ts'
import type { MadeFile } from '../files/index.ts'
import type { BenchServer } from '../server.ts'
import { type Books, fingerprint, readBooks, unfinished, untrue } from './books.ts'

/** kill: the loading process gets -9. crash: Postgres is stopped as by `pg_ctl -m immediate`. */
export type Blow = 'kill' | 'crash'

/** What the process that is struck has to load. */
export interface Victim {
  url: string
  path: string
  feed: string
  cache: string
  batchRows?: number | undefined
}

/** A load to be struck. */
export interface Plan {
  feed: MadeUp
  file: MadeFile
  /** Loaded in peace before; null leaves the table empty. */
  before: MadeFile | null
  blows: readonly Blow[]
  /** Rows in a transaction; small ones give a small file many moments to be struck at. */
  batchRows?: number | undefined
  random: Random
}

/** How a tormented load went. */
export interface Story {
  /** Where the load stood after each blow, from 0 to 1. Fewer than planned when it was quicker. */
  blows: { blow: Blow; progress: number }[]
  /** What was not true, when; a load that is as it must be has none. */
  wrong: string[]
  books: Books
}

/** Loads the file in peace and under blows, each into a copy of `template`, and compares. */
export async function torment(server: BenchServer, template: string, plan: Plan): Promise<Story> {
  const { feed, blows, random } = plan
  const { source } = feed
  const calm = await prepare(server, template, 'calm', plan)
  const calmMs = await survive(calm)
  const expected = await fingerprint(calm.url, source)

  let victim = await prepare(server, template, 'struck', plan)
  const story: Story = { blows: [], wrong: [], books: await readBooks(victim.url, source) }
  for (const [place, blow] of blows.entries()) {
    // The blows are spread over what is left, so that the last one still finds a load to strike.
    const left = story.books.isFinished ? 1 : 1 - story.books.progress
    const patience = (random.next() * 2 * calmMs * left) / (blows.length - place + 1)
    const loading = begin(victim)
    // Some before the first row is read: while the file is recognised, while the keys are read.
    await loading.printed(random.chance(0.2) ? 'begun' : 'reading')
    await sleep(patience)
    if (loading.hasEnded()) break
    if (blow === 'kill') loading.kill()
    else {
      await server.crash()
      victim = { ...victim, url: server.urlOf('struck') }
      // A loader that waits for a server that is gone would wait for ever.
      const ended = await Promise.race([loading.ended, sleep(20_000, 'hangs')])
      if (ended === 'hangs') {
        story.wrong.push(`the loader hangs after crash ${place + 1}`)
        loading.kill()
      }
    }
    await loading.ended
    await server.quiet()
    story.books = await readBooks(victim.url, source)
    const { isFinished, progress } = story.books
    // Finished is the load before, until this one has committed.
    story.blows.push({ blow, progress: isFinished ? 0 : progress })
    for (const words of untrue(story.books))
      story.wrong.push(`after ${blow} ${place + 1}: ${words}`)
  }
  await survive(victim)
  story.books = await readBooks(victim.url, source)
  for (const words of [...untrue(story.books), ...unfinished(story.books, plan)])
    story.wrong.push(`at the end: ${words}`)
  const found = await fingerprint(victim.url, source)
  if (found !== expected) story.wrong.push(`at the end: ${found}, undisturbed ${expected}`)
  await server.drop('struck')
  await server.drop('calm')
  return story
}

async function prepare(
  server: BenchServer,
  template: string,
  name: string,
  { feed, file, before, batchRows }: Plan,
): Promise<Victim> {
  const url = await server.clone(template, name)
  const cache = join(server.folder, `cache-${name}`)
  mkdirSync(cache, { recursive: true })
  const victim = { url, path: file.path, feed: feedName(feed.source), cache, batchRows }
  if (before) await survive({ ...victim, path: before.path })
  return victim
}

/** Loads in peace; the result is the milliseconds from the first row to the end. */
async function survive(victim: Victim): Promise<number> {
  const loading = begin(victim)
  await loading.printed('reading')
  const start = performance.now()
  const { code, stderr } = await loading.ended
  if (code !== 0)
    throw new Error(`A load that nothing disturbed ended with code ${code}:\n${stderr}`)
  return performance.now() - start
}

const program = join(import.meta.dirname, 'load.process.ts')

function begin(victim: Victim) {
  const child = spawn(process.execPath, [program, JSON.stringify(victim)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text: Buffer) => (stdout += String(text)))
  child.stderr.on('data', (text: Buffer) => (stderr += String(text)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }))
  return {
    ended,
    kill: () => child.kill('SIGKILL'),
    hasEnded: () => stdout.includes('loaded'),
    async printed(words: string) {
      while (!stdout.includes(words)) {
        const next = await Promise.race([once(child.stdout, 'data'), ended])
        if (!('code' in next)) continue
        // A file of one piece is loaded before there is any progress to tell.
        if (next.code === 0) return
        throw new Error(`The loader ended before it was ${words}:\n${next.stderr}`)
      }
    },
  }
}
