import type pg from 'pg'

/** What somebody asked, or that somebody came, and how it ended. */
export interface AuditEntry {
  at: Date
  user: string
  address: string
  application: string
  outcome: 'connected' | 'rejected' | 'done' | 'failed' | 'refused' | 'cancelled'
  statement: string | null
  views: readonly string[]
  /** The SQLSTATE where it did not end well. */
  code: string | null
  rows: number | null
  milliseconds: number | null
}

/** The log of who asked what. */
export interface Audit {
  note(entry: AuditEntry): void
  /** Waits until all is written or lost. */
  close(): Promise<void>
}

const everyMs = 1000
const atOnce = 500
/** So many wait at most while the database is away. */
const mostWaiting = 10_000
const mostCharacters = 8000

/** Writes to engine.sql_audit in batches. Nobody waits for it; what cannot be kept is told of. */
export function startAudit(
  pool: pg.Pool,
  { onProblem }: { onProblem: (problem: string) => void },
): Audit {
  let waiting: AuditEntry[] = []
  let lost = 0
  let writing: Promise<void> | undefined
  const timer = setInterval(flush, everyMs)
  timer.unref()

  function flush() {
    if (writing || waiting.length === 0) return
    writing = write().finally(() => {
      writing = undefined
    })
  }

  async function write() {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atOnce)
      try {
        await insert(pool, batch)
        waiting.splice(0, batch.length)
      } catch (error) {
        lost += waiting.length
        waiting = []
        const reason = error instanceof Error ? error.message : String(error)
        onProblem(
          `The audit log of the SQL endpoint lost ${lost} entries: ${reason}. Is the warehouse there and migrated? Try: npx recoup doctor`,
        )
        lost = 0
      }
    }
  }

  return {
    note(entry) {
      if (waiting.length >= mostWaiting) lost++
      else waiting.push(shortened(entry))
      if (waiting.length >= atOnce) flush()
    },
    async close() {
      clearInterval(timer)
      await writing
      flush()
      await writing
    },
  }
}

/** A statement of a megabyte must not wait as one. */
function shortened(entry: AuditEntry): AuditEntry {
  if (entry.statement === null || entry.statement.length <= mostCharacters) return entry
  return { ...entry, statement: entry.statement.slice(0, mostCharacters) }
}

async function insert(pool: pg.Pool, entries: readonly AuditEntry[]) {
  const column = <T>(of: (entry: AuditEntry) => T) => entries.map(of)
  await pool.query(
    `insert into engine.sql_audit
       (at, "user", address, application, outcome, statement, views, code, rows, milliseconds)
     select at, "user", address, application, outcome, statement, views::text[], code, rows, milliseconds
     from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::text[], $8::text[], $9::int8[], $10::float8[]) with ordinality
       as entry (at, "user", address, application, outcome, statement, views, code, rows, milliseconds, place)
     order by place`,
    [
      column(({ at }) => at.toISOString()),
      column(({ user }) => storable(user)),
      column(({ address }) => address),
      column(({ application }) => storable(application)),
      column(({ outcome }) => outcome),
      column(({ statement }) => statement && storable(statement)),
      // An array of arrays has to be a rectangle, so each is sent as the text of one.
      column(({ views }) => `{${views.map((view) => JSON.stringify(storable(view))).join(',')}}`),
      column(({ code }) => code),
      column(({ rows }) => rows),
      column(({ milliseconds }) => milliseconds),
    ],
  )
}

/** Without what a text of Postgres has no place for: NUL, and half a character where one was cut. */
function storable(text: string) {
  return text.replaceAll('\0', '').toWellFormed()
}
