import { listed, meant } from '#kit/words.ts'

import { UsageError } from '../terminal/mistakes.ts'

export const compressions = ['none', 'zstd', 'gzip', 'snappy'] as const
export type Compression = (typeof compressions)[number]

/** What a file of exported rows can be. */
export interface Format {
  name: string
  contentType: string
  /** Endings of file names; the first is ours. */
  endings: readonly [string, ...string[]]
  /** Nothing for a terminal. */
  isBinary: boolean
  /** What it can be packed with; the first when nothing is said. */
  compressions: readonly [Compression, ...Compression[]]
}

const formats = {
  arrow: {
    name: 'arrow',
    contentType: 'application/vnd.apache.arrow.file',
    endings: ['.arrow', '.feather', '.ipc'],
    isBinary: true,
    compressions: ['none', 'zstd'],
  },
  'arrow-stream': {
    name: 'arrow-stream',
    contentType: 'application/vnd.apache.arrow.stream',
    endings: ['.arrows'],
    isBinary: true,
    compressions: ['none', 'zstd'],
  },
  parquet: {
    name: 'parquet',
    contentType: 'application/vnd.apache.parquet',
    endings: ['.parquet'],
    isBinary: true,
    compressions: ['zstd', 'snappy', 'gzip', 'none'],
  },
  csv: {
    name: 'csv',
    contentType: 'text/csv; charset=utf-8',
    endings: ['.csv'],
    isBinary: false,
    compressions: ['none', 'gzip', 'zstd'],
  },
  ndjson: {
    name: 'ndjson',
    contentType: 'application/x-ndjson',
    endings: ['.ndjson', '.jsonl'],
    isBinary: false,
    compressions: ['none', 'gzip', 'zstd'],
  },
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof formats
const formatNames = Object.keys(formats) as FormatName[]

/** A format with what it is packed with. */
export interface Packaging {
  format: Format & { name: FormatName }
  compression: Compression
  /** Ending of a file of it: `.parquet`, `.csv.gz`. */
  ending: string
  contentType: string
}

const packedEndings: Partial<Record<Compression, string>> = { gzip: '.gz', zstd: '.zst' }
const packedTypes: Partial<Record<Compression, string>> = {
  gzip: 'application/gzip',
  zstd: 'application/zstd',
}

/** The format and compression that were asked for; a file's name says what was left out. */
export function packagingOf(asked: {
  format?: string | undefined
  compression?: string | undefined
  file?: string | undefined
}): Packaging {
  const { base, packed } = unpackedName(asked.file ?? '')
  const byEnding = formatNames.find((name) =>
    formats[name].endings.some((ending) => base.toLowerCase().endsWith(ending)),
  )
  const name = asked.format === undefined ? byEnding : known(asked.format, formatNames, '--format')
  if (name === undefined)
    throw new UsageError(
      asked.file === undefined
        ? `Say the format: --format ${formatNames.join(', ')}.`
        : `${asked.file} does not end like a format; say it: --format ${formatNames.join(', ')}.`,
    )
  const format: Format & { name: FormatName } = formats[name]
  const compression =
    asked.compression === undefined
      ? (packed ?? format.compressions[0])
      : known(asked.compression, compressions, '--compression')
  if (!format.compressions.includes(compression))
    throw new UsageError(
      `${name} cannot be packed with ${compression}; it can with ${format.compressions.join(', ')}.`,
    )
  const packedEnding = format.isBinary ? undefined : packedEndings[compression]
  const packedType = format.isBinary ? undefined : packedTypes[compression]
  return {
    format,
    compression,
    ending: `${format.endings[0]}${packedEnding ?? ''}`,
    contentType: packedType ?? format.contentType,
  }
}

function unpackedName(file: string): { base: string; packed: Compression | null } {
  for (const [compression, ending] of Object.entries(packedEndings))
    if (file.endsWith(ending))
      return { base: file.slice(0, -ending.length), packed: compression as Compression }
  return { base: file, packed: null }
}

function known<Name extends string>(typed: string, names: readonly Name[], option: string): Name {
  const found = names.find((name) => name === typed)
  if (found) return found
  const near = meant(typed, names)
  throw new UsageError(
    `${option} ${typed} is not known. ${near ? `Did you mean ${near}? ` : ''}` +
      `It is one of ${listed(names)}.`,
  )
}
