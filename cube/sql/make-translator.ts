import { LRUCache } from 'lru-cache'
import type { SecurityContext } from '../access/user.ts'
import type { Rollups, SqlDoor } from '../server/sql-door.ts'
import { openLanes } from './lanes.ts'
import type { View } from './rewrite/model.ts'
import type { Translated } from './rewrite/translate.ts'
import type { Asker, Translation, Translator } from './translator.ts'
import { asView, type ColumnTypes } from './views.ts'

const TEXT_KEPT = 32 * 1024 ** 2
const USERS_KEPT = 500

/** The translator over a running Cube; what was translated once is kept while it is right. */
export function makeTranslator(
  door: SqlDoor,
  { types, database }: { types: ColumnTypes; database: string },
): Translator & { close(): Promise<void> } {
  const lanes = openLanes()
  const views = new LRUCache<string, Promise<View[]>>({ max: USERS_KEPT })
  const translations = new LRUCache<string, Kept>({
    maxSize: TEXT_KEPT,
    // The newest is as long again.
    sizeCalculation: ({ translated }, key) => 2 * translated.text.length + key.length + 100,
  })

  const viewsFor = (context: SecurityContext) => {
    const key = identity(context)
    let reading = views.get(key)
    if (!reading) {
      reading = door.views(context).then((seen) => seen.map((view) => asView(view, types)))
      views.set(key, reading)
      reading.catch(() => views.delete(key))
    }
    return reading
  }

  const translateAnew = async (sql: string, { user, context }: Asker): Promise<Kept> => {
    const rollups: Rollups[] = []
    const order = { sql, views: await viewsFor(context), database, user }
    const translated = await lanes.translate(order, async (query, aliases, params) => {
      const options = { rollups: !outlivesRollups(sql) }
      const answer = await door.sql(context, query, aliases, params, options)
      if (answer.rollups) rollups.push(answer.rollups)
      return { sql: answer.sql, values: answer.values }
    })
    return { translated, rollups, newest: undefined }
  }

  /** With the rollups of now, which whoever asks waits for, and nobody else. */
  const ofNow = async (kept: Kept): Promise<Translation> => {
    const { translated, rollups, newest } = kept
    if (rollups.length === 0) return translated
    if (newest && newest.validAt === (await door.version())) return newest
    kept.newest = { ...translated, ...(await door.withRollups(translated.text, rollups)) }
    return kept.newest
  }

  return {
    async translate(sql, asker) {
      const key = `${asker.user}\n${identity(asker.context)}\n${sql}`
      const kept = translations.get(key) ?? (await translateAnew(sql, asker))
      if (!isOfCursor(sql)) translations.set(key, kept)
      return await ofNow(kept)
    },
    version: door.version,
    close: () => lanes.close(),
  }
}

/** What is kept of a statement: how it reads whatever rollups there are, and with the newest known. */
interface Kept {
  translated: Translated
  rollups: Rollups[]
  newest: Translation | undefined
}

/** A statement that is run later may outlive the rollup that it would read. */
function outlivesRollups(sql: string) {
  return /\b(prepare|declare)\b/i.test(sql)
}

/** Drivers give each cursor a name of its own, so its statements do not come again. */
function isOfCursor(sql: string) {
  return /^\s*(declare|fetch|move|close)\b/i.test(sql)
}

function identity({ groups, marketplaces }: SecurityContext) {
  return JSON.stringify([groups, marketplaces])
}
