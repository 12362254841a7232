import { LRUCache } from 'lru-cache'
import type { SecurityContext } from '../access/user.ts'
import type { SqlDoor } from '../server/sql-door.ts'
import { openLanes } from './lanes.ts'
import type { View } from './rewrite/model.ts'
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
  const translations = new LRUCache<string, Translation>({
    maxSize: TEXT_KEPT,
    sizeCalculation: ({ text }, key) => text.length + key.length + 100,
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

  const translateAnew = async (sql: string, { user, context }: Asker): Promise<Translation> => {
    let validAt: string | undefined
    // A statement that is run later may outlive the rollup that it would read.
    const rollups = !/\b(prepare|declare)\b/i.test(sql)
    const order = { sql, views: await viewsFor(context), database, user }
    const translated = await lanes.translate(order, async (query, aliases, params) => {
      const answer = await door.sql(context, query, aliases, params, { rollups })
      validAt ??= answer.validAt
      return { sql: answer.sql, values: answer.values }
    })
    return { ...translated, ...(validAt !== undefined && { validAt }) }
  }

  return {
    async translate(sql, asker) {
      const key = `${asker.user}\n${identity(asker.context)}\n${sql}`
      const known = translations.get(key)
      if (known && (known.validAt === undefined || known.validAt === (await door.version())))
        return known
      const translation = await translateAnew(sql, asker)
      if (!isOfCursor(sql)) translations.set(key, translation)
      return translation
    },
    version: door.version,
    close: () => lanes.close(),
  }
}

/** Drivers give each cursor a name of its own, so its statements do not come again. */
function isOfCursor(sql: string) {
  return /^\s*(declare|fetch|move|close)\b/i.test(sql)
}

function identity({ groups, marketplaces }: SecurityContext) {
  return JSON.stringify([groups, marketplaces])
}
