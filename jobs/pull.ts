import { join } from 'node:path'

import type pg from 'pg'

import type { Source } from '#kit/asset.ts'
import type { Delivery, Puller } from '#kit/connect/connector.ts'
import { feedName } from '#kit/read/header.ts'

import { arrive, clearUnfinished, syncFolder } from './deliver.ts'
import type { Home } from './home.ts'
import { locks } from './postgres/locks.ts'

/** A feed whose files Recoup fetches. */
export type PulledSource = Source & { from: Puller }

/** What one visit to a feed's origin brought. */
export interface Pulled {
  feed: string
  origin: string
  /** Files that are now in the inbox. */
  files: number
  bytes: number
  /** Files with the same content as one that is loaded: not kept. */
  known: number
  /** Another process is fetching this feed right now; nothing was done. */
  isBusy: boolean
}

interface Options {
  env?: NodeJS.ProcessEnv
  signal: AbortSignal
  /** Forgets how far the origin was read. */
  again?: boolean
  onProgress?: (pulled: Pulled) => void
}

/** Whether a feed has an origin that Recoup fetches from. */
export function isPulled(source: Source): source is PulledSource {
  return source.from?.kind === 'pull'
}

/** A visit that has brought nothing so far. */
export function nothingYet(source: PulledSource): Pulled {
  const { origin } = source.from
  return { feed: feedName(source), origin, files: 0, bytes: 0, known: 0, isBusy: false }
}

/**
 * Fetches what is new at a feed's origin into its inbox. The cursor moves once a file is in place:
 * killed in between, the same rows are fetched again, and their keys are known.
 */
export async function pull(
  pool: pg.Pool,
  home: Pick<Home, 'inbox'>,
  source: PulledSource,
  { env = process.env, signal, again = false, onProgress }: Options,
): Promise<Pulled> {
  const feed = feedName(source)
  const pulled = nothingYet(source)
  await using held = await holdFeed(pool, feed)
  if (!held) return { ...pulled, isBusy: true }
  const { client } = held
  if (again) await client.query('delete from raw.cursor where feed = $1', [feed])
  await clearUnfinished(home, feed)
  await using moving = cursorOf(client, feed, () => syncFolder(join(home.inbox, feed)))

  const cursor = await moving.read()
  try {
    for await (const delivery of source.from.fetch({ feed, cursor, env, signal })) {
      const earlier = pulled.bytes
      const onBytes = (bytes: number) => onProgress?.({ ...pulled, bytes: earlier + bytes })
      const { name, content } = delivery
      const file = await arrive(home, feed, name, content, { signal, onBytes })
      if (await isLoaded(client, feed, file.sha256)) {
        await file.drop()
        pulled.known++
      } else {
        await file.show()
        pulled.files++
        pulled.bytes += file.bytes
      }
      await moving.to(delivery)
      onProgress?.(pulled)
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw withFeed(feed, cause)
  }
  return pulled
}

/** Two processes never fetch one feed at a time: the slower would move the cursor back. */
async function holdFeed(pool: pg.Pool, feed: string) {
  const client = await pool.connect()
  const lock = [locks.pull, feed]
  const { rows } = await client.query<{ got: boolean }>(
    'select pg_try_advisory_lock($1, hashtext($2)) as got',
    lock,
  )
  if (!rows[0]?.got) {
    client.release()
    return undefined
  }
  return {
    client,
    async [Symbol.asyncDispose]() {
      const freed = client.query('select pg_advisory_unlock($1, hashtext($2))', lock)
      await freed.then(
        () => client.release(),
        // A session that is gone has let go by itself.
        () => client.release(true),
      )
    },
  }
}

/**
 * A cursor that moves at most once a second, and in any case at the end: it may hold much. Before it
 * moves, what it has passed is made durable.
 */
function cursorOf(client: pg.ClientBase, feed: string, makeDurable: () => Promise<void>) {
  let ahead: Delivery | null = null
  let savedAt = 0
  const save = async () => {
    const value = ahead?.cursor() ?? null
    ahead = null
    savedAt = Date.now()
    if (value === null) return
    await makeDurable()
    await client.query(
      `insert into raw.cursor (feed, value) values ($1, $2)
       on conflict (feed) do update set value = excluded.value, updated_at = now()`,
      [feed, JSON.stringify(value)],
    )
  }
  return {
    async read(): Promise<unknown> {
      const { rows } = await client.query<{ value: unknown }>(
        'select value from raw.cursor where feed = $1',
        [feed],
      )
      return rows[0]?.value ?? null
    },
    async to(delivery: Delivery) {
      ahead = delivery
      if (Date.now() - savedAt > 1000) await save()
    },
    async [Symbol.asyncDispose]() {
      if (ahead) await save()
    },
  }
}

async function isLoaded(client: pg.ClientBase, feed: string, sha256: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from raw.load where feed = $1 and sha256 = $2 and is_finished',
    [feed, sha256],
  )
  return rowCount !== 0
}

function withFeed(feed: string, cause: unknown): Error {
  const { message } = cause as Error
  if (message.startsWith(`${feed}: `)) return cause as Error
  return new Error(`${feed}: ${message}`, { cause })
}
