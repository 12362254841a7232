import { parentPort } from 'node:worker_threads'
import { loadModule } from 'libpg-query'
import type { Answer, FromLane, Order, ToLane } from './lanes.ts'
import { Refusal } from './refusal.ts'
import { type Translated, translate } from './rewrite/translate.ts'

/** The thread of a lane: hears one order at a time and asks its owner what only Cube knows. */
const port = parentPort!
const say = (message: FromLane) => port.postMessage(message)

let answered: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

await loadModule()
port.on('message', (message: ToLane) => {
  if ('answer' in message) answered?.resolve(message.answer)
  else if ('failure' in message)
    // Cube's own sentence: of a query that it cannot plan.
    answered?.reject(new Refusal(message.failure, { code: '0A000' }))
  else carryOut(message).then((translated) => say({ translated }), failed)
})

function carryOut({ sql, views, database, user }: Order): Promise<Translated> {
  return translate(sql, {
    views: new Map(views.map((view) => [view.name, view])),
    database,
    user,
    askCube: (...ask) =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject }
        say({ ask })
      }),
  })
}

function failed(error: unknown) {
  if (error instanceof Refusal) {
    const { message, code, hint } = error
    say({ refusal: { message, code, hint } })
  } else say({ crash: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}
