import { stripVTControlCharacters, styleText } from 'node:util'

/** What was typed cannot be meant; the message says what is allowed. Ends the command with 2. */
export class UsageError extends Error {}

/** Exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Prints an error as its sentence, with its stack only on request; the result is the exit code. */
export function report(error: unknown, { verbose = false } = {}): number {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const sentence =
    stripVTControlCharacters(message).trim() || 'Something failed without saying why.'
  console.error(`${styleText('red', 'recoup:', { stream: process.stderr })} ${sentence}`)
  if (verbose) console.error(`\n${stack ?? ''}${causesOf(error)}`)
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
}

/** Whether stacks are wanted: `--verbose`, or `RECOUP_DEBUG=1`. */
export function wantsStacks(args = process.argv, env = process.env): boolean {
  return args.includes('--verbose') || ![undefined, '', '0'].includes(env.RECOUP_DEBUG)
}

function causesOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause === undefined) return ''
  const words = cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause)
  return `\nbecause: ${words}${causesOf(cause)}`
}
