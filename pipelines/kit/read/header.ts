/** The columns of a feed file, and whether they are the feed's. */
import * as z from 'zod'
import type { Source } from '../asset.ts'
import { feedError } from './feed-error.ts'
import { quarantineColumns } from '../mended.ts'
import { columns } from '../table.ts'
import { listed, meant, shown } from '../words.ts'

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

/** The columns that the first object of an NDJSON file must have: what is null may be left out. */
export function requiredKeys(source: Source): string[] {
  if (source.reshape) return requiredColumns(source)
  return columns(source).flatMap(({ name, nullable }) => (nullable ? [] : [name]))
}

/** Columns of a file that the contract does not know; they are not loaded, and said to be so. */
export function ignoredColumns(source: Source, names: readonly string[]): string[] {
  if (source.reshape) return []
  const known = new Set([
    ...columns(source).map(({ name }) => name),
    // Of a file that was mended.
    ...quarantineColumns,
  ])
  return names.filter((name) => !known.has(name))
}

/** Where the columns of a file are named: 'its first line'. */
type Where = 'its first line' | 'its schema'

/** Refuses a file that lacks a required column, or has one of the feed's twice. */
export function checkNames(
  source: Source,
  file: string,
  names: readonly string[],
  required: readonly string[],
  where: Where = 'its first line',
) {
  const feed = feedName(source)
  const missing = required.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    const unknown = names.filter((name) => !required.includes(name))
    const hints = missing.flatMap((name) => {
      const near = meant(name, unknown)
      return near === undefined ? [] : [`${shown(near)} may be ${name}.`]
    })
    const expected = where === 'its first line' ? 'a header with' : 'the columns'
    throw feedError(
      feed,
      file,
      [
        `this is not a ${feed} feed: ${where} has no column ${missing.join(', ')}.`,
        `Found ${listed(names.map(shown))}; expected ${expected} ${required.join(', ')}.`,
        ...hints,
      ].join(' '),
    )
  }
  const relevant = source.reshape ? names.filter(Boolean) : columns(source).map(({ name }) => name)
  const twice = relevant.filter(
    (name, at) => relevant.indexOf(name) === at && names.indexOf(name) !== names.lastIndexOf(name),
  )
  if (twice.length > 0)
    throw feedError(feed, file, `the column ${twice.join(', ')} appears twice, expected once.`)
}
