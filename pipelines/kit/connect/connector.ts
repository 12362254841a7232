/**
 * Where the files of a feed come from when they do not arrive by themselves. A connector brings files
 * and says where to go on; judging and loading them is the loader's work. What was fetched twice
 * after a crash is loaded once: the same file is known, and of rows with the same key the newest stays.
 */

/** A span of time, as it is said: `{ minutes: 5 }`. */
export interface Duration {
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
}

/** What is behind a feed: either Recoup goes and fetches, or it is sent to. */
export type Connector = Puller | Receiver

/** An origin that Recoup asks every so often. */
export interface Puller {
  kind: 'pull'
  /** The origin in words that hold no secret: 's3://fees/daily/'. */
  origin: string
  every: Duration
  /** Yields file by file what is new since the cursor. */
  fetch: (pull: Pull) => AsyncIterable<Delivery>
}

/** An origin that sends to Recoup, signed. */
export interface Receiver {
  kind: 'receive'
  origin: string
  /** The secret that signs what is sent; while it is changed, the old and the new with a space between. */
  secret: FromEnv
  /** A larger body is refused. */
  maxBytes: number
  /** How far the clock of the sender may be off, and how long a request can be sent once more. */
  tolerance: Duration
  /** When what was received becomes a file of the inbox. */
  rotate: { bytes: number; after: Duration }
}

/** What a connector is given to fetch with. */
export interface Pull {
  feed: string
  /** What the last delivery left; null for the first time. */
  cursor: unknown
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

/** One file on its way. */
export interface Delivery {
  /** What its owner calls it; the ending says the format where the content does not. */
  name: string
  content: AsyncIterable<Uint8Array | string>
  /** Where to go on after it: asked once the content is in place, or while a later one is on its way. */
  cursor: () => unknown
}

/** A value that stands in the environment and never in code. */
export interface FromEnv {
  variable: string
  write: (value: string) => string
}

/** A value of a connector; what is secret comes from the environment. */
export type Setting = string | FromEnv

/** The value of an environment variable: `env('TOKEN', (token) => 'Bearer ' + token)`. */
export function env(variable: string, write = (value: string) => value): FromEnv {
  return { variable, write }
}

/** Reads a setting, or says which variable is missing for which feed. */
export function reveal(setting: Setting, { feed, env: variables }: Pick<Pull, 'feed' | 'env'>) {
  if (typeof setting === 'string') return setting
  const value = variables[setting.variable]
  if (value) return setting.write(value)
  throw new Error(
    `${feed}: the environment variable ${setting.variable} is not set, and the feed's origin needs it. ` +
      `Set it where Recoup runs, then: npx recoup pull ${feed}`,
  )
}

/** A setting as it may be printed. */
export function named(setting: Setting): string {
  return typeof setting === 'string' ? setting : `$${setting.variable}`
}

/** A cursor that another connector left, or another shape of the same one. */
export function strangeCursor(feed: string, cursor: unknown): Error {
  return new Error(
    `${feed}: the cursor in raw.cursor is not one of this connector: ${JSON.stringify(cursor).slice(0, 80)}. ` +
      `To fetch everything once more: npx recoup pull ${feed} --again`,
  )
}

export function milliseconds({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): number {
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

/** How often an origin is asked unless the feed says otherwise. */
export const usualEvery: Duration = { minutes: 5 }
