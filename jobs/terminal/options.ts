import { Option } from 'commander'

import { type FileFormat, fileFormats } from '../arrivals.ts'
import { formats, type Format } from './formats.ts'
import { UsageError } from './mistakes.ts'

/** `--format`, with what a command can print. */
export function formatOption(allowed: readonly Format[] = formats): Option {
  return new Option('--format <format>', 'how to print it').choices(allowed).default('table')
}

/** What files may be, for the help of commands that read them. */
export const readFormats =
  'Files are CSV (comma, semicolon, tab or bar), NDJSON, Parquet, or Arrow IPC; texts and Arrow streams\n' +
  'also in gzip or zstd. What a file is shows in its content, whatever its name.'

/** `--format` of commands that read files: what they are. Such a command prints JSON on `--json`. */
export function fileFormatOption(): Option {
  const allowed = fileFormats.join(', ')
  return new Option(
    '--format <format>',
    `what the files are, instead of recognising it: ${allowed}`,
  ).argParser((typed: string): FileFormat => {
    const found = fileFormats.find((format) => format === typed)
    if (found) return found
    const hint = typed === 'json' ? ' For the result as JSON: --json' : ''
    throw new UsageError(`--format ${typed}: it says what the files are, one of ${allowed}.${hint}`)
  })
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

/** Reads an option's names with commas between them. */
export function names(option: string) {
  return (typed: string): string[] => {
    const found = typed.split(',').map((name) => name.trim())
    if (found.every(Boolean)) return found
    throw new UsageError(`${option.split(' ')[0]} "${typed}" has an empty name in it.`)
  }
}
