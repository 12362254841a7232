import * as z from 'zod'
import { type Delivery, type Pull, strangeCursor } from './connector.ts'

/** A file that lies somewhere under a name. */
export interface StoredObject {
  key: string
  /** Different after every change. */
  tag: string
  modifiedMs: number
}

const Cursor = z.object({ since: z.number(), seen: z.record(z.string(), z.string()) })

interface Options<O extends StoredObject> {
  /**
   * How long after its time of change an object may turn up. Those older than the newest by more are
   * known without being remembered. Left out: every object that is still there is remembered.
   */
  windowMs?: number
  /** Null: it is gone or changed since it was listed, and the next listing will say. */
  open: (object: O) => Promise<Delivery['content'] | null>
}

/** Of the objects listed, those that are new or changed since the cursor, the oldest first. */
export async function* newObjects<O extends StoredObject>(
  listing: readonly O[],
  { feed, cursor, signal }: Pull,
  { windowMs = Infinity, open }: Options<O>,
): AsyncGenerator<Delivery> {
  const read = Cursor.safeParse(cursor ?? { since: 0, seen: {} })
  if (!read.success) throw strangeCursor(feed, cursor)
  const { seen } = read.data
  let { since } = read.data

  const isSeen = ({ key, tag }: O) => Object.hasOwn(seen, key) && seen[key] === tag
  const known = new Map(listing.filter(isSeen).map((object) => [object.key, object]))
  const news = listing.filter((object) => !isSeen(object) && object.modifiedMs >= since - windowMs)
  const remember = (object: O) => {
    known.set(object.key, object)
    since = Math.max(since, object.modifiedMs)
  }
  const snapshot = () => {
    const recent = [...known.values()].filter(({ modifiedMs }) => modifiedMs >= since - windowMs)
    return { since, seen: Object.fromEntries(recent.map(({ key, tag }) => [key, tag])) }
  }

  for (const object of news.sort(oldestFirst)) {
    signal.throwIfAborted()
    const content = await open(object)
    if (!content) continue
    const cursorAfter = () => {
      remember(object)
      return snapshot()
    }
    yield { name: nameOf(object.key), content, cursor: cursorAfter }
    remember(object)
  }
}

function oldestFirst(a: StoredObject, b: StoredObject): number {
  return a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1)
}

/** Whether a name says that the file is hidden or still being written; the inbox would wait for it. */
export function isUnfinished(key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1)
  return name === '' || name.startsWith('.') || /\.(tmp|part|crdownload)$/.test(name)
}

/** The path of an object as one file name: 2026/10/fees.csv -> 2026-10-fees.csv. */
function nameOf(key: string): string {
  return key.replaceAll(/[/\\]+/g, '-').replaceAll(/\p{Cc}/gu, '_')
}
