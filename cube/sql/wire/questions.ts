import type { Audit, AuditEntry } from '../audit.ts'

/** A statement on its way to its end. */
export interface Question {
  sql: string
  views: readonly string[]
  at: number
  since: number
  rows: number
  /** Why it is not run at all. */
  refusedWith: string | undefined
  isTold: boolean
}

export function question(sql: string, views: readonly string[]): Question {
  return {
    sql,
    views,
    at: Date.now(),
    since: performance.now(),
    rows: 0,
    refusedWith: undefined,
    isTold: false,
  }
}

/** Who asks. */
export interface Person {
  user: string
  address: string
  application: string
}

/** Tells the audit, once, how a question ended. */
export function tell(
  audit: Audit,
  { user, address, application }: Person,
  asked: Question,
  outcome: AuditEntry['outcome'],
  code: string | null = null,
): void {
  if (asked.isTold) return
  asked.isTold = true
  audit.note({
    at: new Date(asked.at),
    user,
    address,
    application,
    outcome: asked.refusedWith === undefined ? outcome : 'refused',
    statement: asked.sql,
    views: asked.views,
    code: asked.refusedWith ?? code,
    rows: outcome === 'done' ? asked.rows : null,
    milliseconds: Math.round((performance.now() - asked.since) * 1000) / 1000,
  })
}
