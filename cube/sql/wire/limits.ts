/** What one server bears, and one user of it. */
export interface Limits {
  /** Sessions of one user at a time. */
  sessionsPerUser: number
  /** Sessions of all users. */
  sessions: number
  /** Connections that have not proven who they are. */
  strangers: number
  /** A connection must have proven who it is by then. */
  signInMs: number
  /** A statement is cancelled after so long; a client may lower that for itself. */
  statementMs: number
  /** A session that is idle inside a transaction ends after so long. */
  idleInTransactionMs: number
  /** A session that nobody uses ends after so long. */
  idleMs: number
  /** Bytes of one statement's text. */
  sqlBytes: number
  /** Bytes of the values for one execution. */
  bindBytes: number
  /** Prepared statements of one session. */
  statements: number
}

const second = 1000
const minute = 60 * second

export const defaultLimits: Limits = {
  sessionsPerUser: 20,
  sessions: 200,
  strangers: 100,
  signInMs: 10 * second,
  statementMs: 10 * minute,
  idleInTransactionMs: minute,
  idleMs: 12 * 60 * minute,
  sqlBytes: 1024 ** 2,
  bindBytes: 16 * 1024 ** 2,
  statements: 1000,
}
