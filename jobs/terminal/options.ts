import { Option } from 'commander'

import { formats, type Format } from './formats.ts'
import { UsageError } from './mistakes.ts'

/** `--format`, with what a command can print. */
export function formatOption(allowed: readonly Format[] = formats): Option {
  return new Option('--format <format>', 'how to print it').choices(allowed).default('table')
}

/** Reads an option's whole number. */
export function wholeNumber(option: string) {
  return (typed: string): number => {
    if (/^\d{1,9}$/.test(typed)) return Number(typed)
    throw new UsageError(`${option} ${typed} is not a whole number.`)
  }
}

/** The end of a help page. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
