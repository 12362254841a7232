import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { ClaimedStep } from './claim.ts'

/** A line of a step's log. */
export type StepLog = (message: string, data?: object) => void

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** The log of one attempt, on its way to engine.log. */
export interface LogBook {
  write: (level: Level, message: string, data?: object) => void
  /** Waits until all lines are written or lost, but not for long. */
  end: () => Promise<void>
}

interface Line {
  at: Date
  level: Level
  message: string
  data: string | null
}

const everyMs = 250
const patienceMs = 2_000
/** So many lines wait at most; code that logs in a loop must not fill the memory. */
const mostWaiting = 2_000

/**
 * Writes lines to engine.log in batches, outside the step's transaction: they are there while it runs,
 * and stay when it is rolled back. Lines that cannot be written are lost; they never fail a step.
 * Without lines it does nothing at all.
 */
export function logBookOf(
  db: Kysely<AnyDatabase>,
  { id, run }: Pick<ClaimedStep, 'id' | 'run'>,
): LogBook {
  let waiting: Line[] = []
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<unknown> = Promise.resolve()

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const lines = waiting
    if (dropped > 0) lines.push(lineOf('warn', `${dropped} more lines were left out.`))
    waiting = []
    dropped = 0
    writing = writing.then(() => insert(db, { id, run }, lines)).catch(() => {})
  }
  return {
    write(level, message, data) {
      if (waiting.length >= mostWaiting) dropped++
      else waiting.push(lineOf(level, message, data))
      timer ??= setTimeout(flush, everyMs)
    },
    async end() {
      flush()
      const late = Promise.withResolvers<void>()
      const patience = setTimeout(late.resolve, patienceMs)
      await Promise.race([writing, late.promise])
      clearTimeout(patience)
    },
  }
}

function lineOf(level: Level, message: string, data?: object): Line {
  const text = data === undefined ? null : jsonOf(data)
  return { at: new Date(), level, message: withoutNul(message), data: text }
}

/** What somebody logs may be anything. */
function jsonOf(data: object): string {
  const plain = (_key: string, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'string') return withoutNul(value)
    if (value instanceof Error) return value.message
    return value
  }
  try {
    return JSON.stringify(data, plain)
  } catch (error) {
    return JSON.stringify({ unreadable: String(error) })
  }
}

/** The one character that Postgres has no place for. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '')
}

async function insert(
  db: Kysely<AnyDatabase>,
  { id, run }: Pick<ClaimedStep, 'id' | 'run'>,
  lines: readonly Line[],
): Promise<void> {
  await sql`
    insert into engine.log (run, step, at, level, message, data)
    select ${run}, ${id}, at, level, message, data::jsonb
    from unnest(
      ${lines.map(({ at }) => at.toISOString())}::timestamptz[],
      ${lines.map(({ level }) => level)}::text[],
      ${lines.map(({ message }) => message)}::text[],
      ${lines.map(({ data }) => data)}::text[]
    ) with ordinality as line (at, level, message, data, place)
    order by place`.execute(db)
}
