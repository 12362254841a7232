/** The header of a feed file: which delimiter, which columns, in which order. */
import * as z from 'zod'
import type { Source } from '../asset.ts'
import { columns } from '../table.ts'
import { listed, meant, shown } from '../words.ts'
import { CsvReader } from './csv.ts'
import { feedError } from './feed-error.ts'

/** What the first line of a file says. */
export interface Header {
  delimiter: string
  names: string[]
  /** Columns of the file that the contract does not know; they are not loaded, and said to be so. */
  ignored: string[]
}

const delimiters = [',', ';', '\t', '|']

/** The name of a feed: `raw.fee_event` is the feed `fee_event`. */
export function feedName({ name }: { name: string }): string {
  return name.slice(name.indexOf('.') + 1)
}

/**
 * The columns a file must have. A feed that is reshaped needs those of its example without which
 * the example would break the contract.
 */
export function requiredColumns(source: Source): string[] {
  const { reshape, contract, example } = source
  if (!reshape) return columns(source).map(({ name }) => name)
  return Object.keys(example).filter((name) => {
    const { [name]: _, ...rest } = example
    return !z.array(contract).safeParse(reshape(rest)).success
  })
}

/** Reads the first line of a CSV file, or says why the file is not this feed. */
export function readHeader(source: Source, file: string, line: string): Header {
  const required = requiredColumns(source)
  const readings = delimiters.map((delimiter) => {
    const names = split(line, delimiter)
    return { delimiter, names, known: required.filter((name) => names.includes(name)).length }
  })
  const [best] = readings.sort((a, b) => b.known - a.known || b.names.length - a.names.length)
  const { delimiter = ',', names = [] } = best ?? {}
  return { delimiter, names, ignored: checkNames(source, file, names, required) }
}

/** Refuses a file that lacks columns; returns those that the contract does not know. */
export function checkNames(
  source: Source,
  file: string,
  names: readonly string[],
  required: readonly string[],
): string[] {
  const feed = feedName(source)
  const missing = required.filter((name) => !names.includes(name))
  const twice = required.filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (missing.length > 0) {
    const unknown = names.filter((name) => !required.includes(name))
    const hints = missing.flatMap((name) => {
      const near = meant(name, unknown)
      return near === undefined ? [] : [`${shown(near)} may be ${name}.`]
    })
    throw feedError(
      feed,
      file,
      [
        `this is not a ${feed} feed: its first line has no column ${missing.join(', ')}.`,
        `Found ${listed(names.map(shown))}; expected a header with ${required.join(', ')}.`,
        ...hints,
      ].join(' '),
    )
  }
  if (twice.length > 0)
    throw feedError(feed, file, `the column ${twice.join(', ')} appears twice, expected once.`)
  return source.reshape ? [] : names.filter((name) => !required.includes(name))
}

function split(line: string, delimiter: string): string[] {
  let names: string[] = []
  const reader = new CsvReader(delimiter, (cells) => (names = cells ?? []))
  reader.push(line)
  reader.end()
  return names.map((name) => name.trim())
}
