import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'kysely'
import { expect } from 'vitest'

import type { Puller } from '#kit/connect/connector.ts'
import { folder as folderOf } from '#kit/connect/folder.ts'
import { startRun } from '#jobs/engine/run.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { pollOrigins } from '#jobs/poll-origins.ts'
import { watchInbox } from '#jobs/watch-inbox.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'
import { test as base } from '#test/pipelines/connect/kit.ts'

const partners = (...names: string[]) =>
  [
    'partner,partner_kind,contracted_on',
    ...names.map((name) => `${name},bank,2024-01-01`),
    '',
  ].join('\n')

const test = base.extend('origin', ({ folder }) => {
  const path = join(folder, 'drop')
  mkdirSync(path)
  return {
    path,
    put(name: string, ...names: string[]) {
      writeFileSync(join(path, name), partners(...names))
      utimesSync(join(path, name), 1_790_000_000, 1_790_000_000)
    },
    from: folderOf({ path, every: { seconds: 0.1 } }),
  }
})

/** Waits until something is so. */
async function until(isSo: () => boolean | Promise<boolean>) {
  for (let tries = 0; tries < 400; tries++) {
    if (await isSo()) return
    await sleep(25)
  }
  throw new Error('It did not come to be.')
}

test('killed on its way again and again, a pull ends with every row of its origin', async ({
  origin,
  recoup,
  url,
}) => {
  const names = Array.from({ length: 150 }, (_, n) => `p${1000 + n}`)
  for (const name of names) origin.put(`${name}.csv`, name)
  const program = join(import.meta.dirname, 'pull.process.ts')
  let killed = 0
  for (const patience of [0, 20, 60, 120]) {
    const args = [program, url, recoup.home.inbox, origin.path]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    await Promise.race([once(child.stdout, 'data'), closed])
    await sleep(patience)
    if (child.exitCode === null) killed++
    child.kill('SIGKILL')
    await closed
  }
  expect(killed).toBeGreaterThan(0)
  await until(async () => !(await recoup.pull(rawPartner, origin.from)).isBusy)
  await recoup.load(rawPartner)
  expect((await recoup.rows(rawPartner)).map(({ partner }) => partner)).toEqual(names)
  expect(recoup.files(rawPartner).filter((name) => name.startsWith('.'))).toEqual([])
}, 60_000)

test('a feed is fetched by one process at a time', async ({ recoup }) => {
  const started = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const origin = (fetch: Puller['fetch']): Puller => ({
    kind: 'pull',
    origin: 'slow',
    every: {},
    fetch,
  })
  const slow = origin(async function* () {
    started.resolve()
    await held.promise
    yield* []
  })
  const first = recoup.pull(rawPartner, slow)
  await started.promise
  const never = origin(() => {
    throw new Error('it was fetched')
  })
  expect(await recoup.pull(rawPartner, never)).toMatchObject({ isBusy: true })
  held.resolve()
  expect(await first).toMatchObject({ isBusy: false })
})

test('content that is loaded already is not kept a second time', async ({ origin, recoup }) => {
  origin.put('a.csv', 'p')
  await recoup.pull(rawPartner, origin.from)
  await recoup.load(rawPartner)
  expect(await recoup.pull(rawPartner, origin.from, { again: true })).toMatchObject({
    files: 0,
    known: 1,
  })
  expect(recoup.files(rawPartner)).toHaveLength(1)
})

test('a fetch that breaks off in the middle of a file leaves none, and the cursor before it', async ({
  recoup,
}) => {
  const broken: Puller = {
    kind: 'pull',
    origin: 'broken',
    every: {},
    async *fetch() {
      const content = async function* (name: string) {
        yield partners(name)
        if (name === 'q') throw new Error('the line went dead')
      }
      for (const name of ['p', 'q'])
        yield { name: `${name}.csv`, content: content(name), cursor: () => ({ after: name }) }
    },
  }
  await expect(recoup.pull(rawPartner, broken)).rejects.toThrow('partner: the line went dead')
  expect(recoup.files(rawPartner)).toEqual([expect.stringMatching(/-p\.csv$/)])
  expect(await recoup.cursor(rawPartner)).toEqual({ after: 'p' })
})

test('a feed whose connector was changed says so, and begins anew when it is told to', async ({
  origin,
  recoup,
  db,
}) => {
  origin.put('a.csv', 'p')
  await sql`insert into raw.cursor (feed, value) values ('partner', '{"newest": "5"}')`.execute(db)
  await expect(recoup.pull(rawPartner, origin.from)).rejects.toThrow(
    'To fetch everything once more: npx recoup pull partner --again',
  )
  expect(await recoup.pull(rawPartner, origin.from, { again: true })).toMatchObject({ files: 1 })
})

test('while Recoup is up, what an origin has becomes rows by itself, also after it failed', async ({
  origin,
  recoup,
  database,
}) => {
  const { db, url } = database
  const { home } = recoup
  const { hasNews, intake } = inboxOf(home)
  const plan = { assets: [rawPartner], hasNews: () => hasNews(db, rawPartner) }
  const problems: string[] = []
  const onProblem = (problem: string) => problems.push(problem)
  const isThere = async (...names: string[]) =>
    (await recoup.rows(rawPartner)).map(({ partner }) => partner).join() === names.join()

  await using open = new AsyncDisposableStack()
  open.use(await startWorker({ url, assets: [rawPartner], intake }))
  open.use(
    watchInbox(home.inbox, {
      onArrival: async () => !(await startRun(db, plan))?.resumed,
      onProblem,
      everyMs: 500,
    }),
  )
  const feeds = [{ ...rawPartner, from: origin.from }]
  open.use(pollOrigins(database.pool, home, feeds, { onProblem }))

  origin.put('a.csv', 'p')
  await until(() => isThere('p'))
  renameSync(origin.path, `${origin.path}-away`)
  await until(() => problems.length > 0)
  expect(problems[0]).toMatch(/^partner: the folder .* does not exist/)
  renameSync(`${origin.path}-away`, origin.path)
  origin.put('b.csv', 'q')
  await until(() => isThere('p', 'q'))

  // Brought by hand, as a person does.
  const feed = join(home.inbox, 'partner')
  writeFileSync(join(feed, 'mine.csv'), partners('r'))
  await until(() => isThere('p', 'q', 'r'))
  expect(readdirSync(feed)).toHaveLength(3)
})
