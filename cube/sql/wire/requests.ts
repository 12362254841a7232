import type { Refusal } from '../refusal.ts'
import type { Portal, Statement } from './statements.ts'
import type { Question } from './questions.ts'

/** A message of the client that the warehouse has yet to answer; named by its letter. */
export interface Request {
  type: 'Q' | 'P' | 'B' | 'D' | 'E' | 'C' | 'S'
  /** Sent for the client without its knowledge, so the answer is kept from it. */
  isOwn: boolean
  /** What to answer in place of the error that the warehouse was made to give. */
  refusal: Refusal | undefined
  /** To be said before the answer. */
  notices: readonly string[]
  /** Whether the warehouse reads the very text that the client sent. */
  isVerbatim: boolean
  /** What is told of it in the audit. */
  question: Question | undefined
  portal: Portal | undefined
  /** What it prepares. */
  statement: Statement | undefined
  /** Which Sync it is. */
  cycle: number
  /** The most rows that an execution may give at a time. */
  mostRows: number
  /** Notes that it went well, where that matters. */
  confirm: (() => void) | undefined
  /** Takes back what was noted when it was sent; `reached`: it was tried and failed. */
  undo: ((reached: boolean) => void) | undefined
}

/** Messages in the order in which the warehouse answers them. */
export interface Requests {
  push(request: Request): void
  /** The one that the next answer is for. */
  first(): Request | undefined
  shift(): Request | undefined
  /** The first has failed, and with it what the warehouse then skips: all up to the next Sync. */
  fail(): void
  /** Messages of the kind that are under way. */
  pending(type: Request['type']): Request[]
  /** Since when the first is being answered; undefined when there is none. */
  since(): number | undefined
}

const nothing: readonly string[] = []

/** All fields are there from the beginning: one shape is what makes these quick. */
export function request(type: Request['type'], given: Partial<Request> = {}): Request {
  return {
    type,
    isOwn: given.isOwn ?? false,
    refusal: given.refusal,
    notices: given.notices ?? nothing,
    isVerbatim: given.isVerbatim ?? false,
    question: given.question,
    portal: given.portal,
    statement: given.statement,
    cycle: given.cycle ?? 0,
    mostRows: given.mostRows ?? 0,
    confirm: given.confirm,
    undo: given.undo,
  }
}

export function createRequests(): Requests {
  let queue: Request[] = []
  let head = 0
  let isSkipping = false
  let since = 0
  const moveTo = (place: number) => {
    head = place
    since = performance.now()
    if (head === queue.length) {
      queue.length = 0
      head = 0
    } else if (head >= 1024) {
      queue = queue.slice(head)
      head = 0
    }
  }

  return {
    push(one) {
      if (isSkipping && one.type !== 'S') {
        one.undo?.(false)
        return
      }
      isSkipping = false
      if (queue.length === 0) since = performance.now()
      queue.push(one)
    },
    first: () => queue[head],
    shift() {
      const first = queue[head]
      if (first) moveTo(head + 1)
      return first
    },
    fail() {
      const type = queue[head]?.type
      // These two are always answered to their end.
      if (type === undefined || type === 'Q' || type === 'S') return
      const sync = queue.findIndex((one, place) => place >= head && one.type === 'S')
      const end = sync < 0 ? queue.length : sync
      for (let place = end - 1; place >= head; place--) queue[place]!.undo?.(place === head)
      isSkipping = sync < 0
      moveTo(end)
    },
    pending: (type) => queue.slice(head).filter((one) => one.type === type),
    since: () => (queue.length > head ? since : undefined),
  }
}
