import type { Question } from './questions.ts'

/** A prepared statement of the session. */
export interface Statement {
  name: string
  sql: string
  /** The types of its parameters as the client gave them: a count and that many numbers. */
  types: Buffer
  views: readonly string[]
  /** The version of the warehouse that it reads rollups of; `renew` makes it read newer ones. */
  validAt: string | undefined
  /** Between which Syncs it was renewed, as long as it is not known whether that went well. */
  renewedIn: number | undefined
}

/** A statement with its values, while it gives its rows. */
export interface Portal {
  question: Question
  /** How many Syncs came before it. */
  cycle: number
}

/** A version that no warehouse has. */
export const outdated = ''

/** What a session has prepared, as the warehouse will have it when it has read all that was sent. */
export interface Statements {
  get(name: string): Statement | undefined
  /** How many have a name. */
  count(): number
  /** Each gives back how to undo it, should the warehouse fail or skip it. */
  add(statement: Statement): (reached: boolean) => void
  drop(name: string): () => void
  /** Forgets all but those that are yet to be prepared. */
  clear(except: readonly Statement[]): void
}

export function createStatements(): Statements {
  const known = new Map<string, Statement>()
  const restore = (name: string, before: Statement | undefined) => {
    if (before) known.set(name, before)
    else known.delete(name)
  }
  return {
    get: (name) => known.get(name),
    count: () => known.size - (known.has('') ? 1 : 0),
    add(statement) {
      const { name } = statement
      const before = known.get(name)
      known.set(name, statement)
      // The unnamed one is gone even when its successor fails.
      return (reached) => restore(name, reached && name === '' ? undefined : before)
    },
    drop(name) {
      const before = known.get(name)
      known.delete(name)
      return () => restore(name, before)
    },
    clear(except) {
      known.clear()
      for (const statement of except) known.set(statement.name, statement)
    },
  }
}
