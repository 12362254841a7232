import { Worker } from 'node:worker_threads'
import type { AskCube } from './rewrite/translating.ts'
import type { View } from './rewrite/model.ts'
import type { Translated } from './rewrite/translate.ts'
import { Refusal } from './refusal.ts'

/** One text to translate, and for whom. */
export interface Order {
  sql: string
  views: View[]
  database: string
  user: string
}

/** What a lane's thread and its owner say to each other. */
export type ToLane = Order | { answer: Answer } | { failure: string }
export type Answer = Awaited<ReturnType<AskCube>>
export type FromLane =
  | { ask: Parameters<AskCube> }
  | { translated: Translated }
  | { refusal: { message: string; code: string; hint: string | undefined } }
  | { crash: string }

/** Threads that parse and translate, so that no statement, however large, holds up another's session. */
export interface Lanes {
  translate(order: Order, askCube: AskCube): Promise<Translated>
  close(): Promise<void>
}

/** A statement above this many characters goes where only its like wait for it. */
const LONG = 16_384
/** So long a thread may work on a text in each lane; what it waits for is not counted. */
const PATIENCE_MS = { quick: 5_000, long: 20_000 }

export function openLanes(): Lanes {
  const lanes = { quick: openLane(PATIENCE_MS.quick), long: openLane(PATIENCE_MS.long) }
  return {
    translate: (order, askCube) =>
      lanes[order.sql.length > LONG ? 'long' : 'quick'].translate(order, askCube),
    async close() {
      await Promise.all([lanes.quick.close(), lanes.long.close()])
    },
  }
}

/** One thread, one text at a time; a thread that fails or takes too long is replaced. */
function openLane(patienceMs: number): Lanes {
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  const stop = async () => {
    const stopped = worker
    worker = undefined
    await stopped?.terminate()
  }
  const translate: Lanes['translate'] = (order, askCube) => {
    const mine = last.then(async () => {
      worker ??= startWorker()
      try {
        return await converse(worker, order, askCube, patienceMs)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === UNREADABLE.code) await stop()
        throw error
      }
    })
    last = mine.catch(() => {})
    return mine
  }
  return { translate, close: stop }
}

function startWorker() {
  const worker = new Worker(new URL('./lane-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 8 },
  })
  worker.unref()
  return worker
}

const UNREADABLE = { code: '54001', hint: 'Write it shorter, or nest it less deeply.' }

function converse(
  worker: Worker,
  order: Order,
  askCube: AskCube,
  patienceMs: number,
): Promise<Translated> {
  return new Promise((resolve, reject) => {
    let working: NodeJS.Timeout
    const work = (message: ToLane) => {
      working = setTimeout(fail, patienceMs)
      // A thread's port knows no origins.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(message)
    }
    const settle = (end: () => void) => {
      clearTimeout(working)
      worker.off('message', hear).off('error', fail).off('exit', fail)
      end()
    }
    const fail = () =>
      settle(() =>
        reject(new Refusal('This statement is too large or too deep to read.', UNREADABLE)),
      )
    const hear = (message: FromLane) => {
      clearTimeout(working)
      if ('translated' in message) settle(() => resolve(message.translated))
      else if ('refusal' in message) settle(() => reject(refusalOf(message.refusal)))
      else if ('crash' in message) settle(() => reject(crashOf(message.crash)))
      else
        askCube(...message.ask).then(
          (answer) => work({ answer }),
          (error: unknown) =>
            work({ failure: error instanceof Error ? error.message : String(error) }),
        )
    }
    worker.on('message', hear).on('error', fail).on('exit', fail)
    work(order)
  })
}

function refusalOf({
  message,
  code,
  hint,
}: {
  message: string
  code: string
  hint: string | undefined
}) {
  return new Refusal(message, { code, ...(hint !== undefined && { hint }) })
}

function crashOf(reason: string) {
  if (/call stack|memory access|unreachable|out of bounds/i.test(reason))
    return new Refusal('This statement is too large or too deep to read.', UNREADABLE)
  return new Error(reason)
}
