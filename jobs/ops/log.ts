import { pino } from 'pino'

import type { Logger } from '#jobs/engine/observe/logger.ts'

import { type Lines, readable } from './readable.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent']

/**
 * A log of JSON lines, or on a terminal of lines to read. `RECOUP_LOG_LEVEL` says from which level on.
 * No line has a password of a URL in it, wherever it came from.
 */
export function openLog(
  to: Lines & { isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Logger {
  const options = {
    level: levelOf(env),
    formatters: { level: (level: string) => ({ level }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: withoutPasswords },
  }
  return pino(options, to.isTTY ? readable(to) : to)
}

/** Blots out what stands between user and host of a URL, and `password=`. */
function withoutPasswords(words: string): string {
  return words
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^\s:@/"']*):[^\s/"']+@/gi, '$1:***@')
    .replaceAll(/\b(password=)[^\s&"']+/gi, '$1***')
}

function levelOf({ RECOUP_LOG_LEVEL: level = '' }: NodeJS.ProcessEnv): string {
  if (level === '') return 'info'
  if (levels.includes(level)) return level
  throw new Error(`RECOUP_LOG_LEVEL is "${level}"; it must be one of ${levels.join(', ')}.`)
}
