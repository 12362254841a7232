/** What a feed must look like, for people and for programs. */
import type { Source } from './asset.ts'
import { conditionSentence } from './rules/sentence.ts'
import { columns } from './table.ts'
import { feedName, requiredColumns } from './read/header.ts'

/** A feed described: what one file of it must hold. Also its JSON form. */
export interface FeedDescription {
  feed: string
  description: string
  /** What makes a row unique. */
  key: string[]
  /** How two rows with the same key are decided. */
  newest: string
  /** Of a wide file, whose lines become several rows each: the columns its header must have. */
  wide: string[] | null
  columns: {
    name: string
    required: boolean
    expects: string
    allowed: string[]
    description: string
  }[]
  /** What must hold between the columns of a row. */
  rules: string[]
  /** A file with one row. */
  example: string
}

/** Describes a feed from its contract. */
export function describeFeed(source: Source): FeedDescription {
  const { description, grain, version } = source
  return {
    feed: feedName(source),
    description,
    key: [...grain],
    newest: version
      ? `of rows with the same key the one with the later ${version} stays`
      : 'of rows with the same key the one loaded later stays',
    wide: source.reshape && requiredColumns(source),
    columns: columns(source).map(({ name, nullable, expects, codes = [], description: about }) => ({
      name,
      required: !nullable,
      expects: codes.length > 0 ? 'one of the allowed values' : expects,
      allowed: [...codes],
      description: about,
    })),
    rules: rulesOf(source),
    example: exampleFile(source),
  }
}

/** The rules of a feed, a sentence each. */
function rulesOf(source: Source): string[] {
  const types = new Map(columns(source).map(({ name, type }) => [name, type]))
  return source.rules.map(({ must }) => conditionSentence(must, types))
}

/** The feed's example as a CSV file: a header and a line. */
export function exampleFile({ example }: Source): string {
  const rows = [Object.keys(example), Object.values(example)]
  return rows.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('')
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The description as a page of plain text, no wider than `width` where words allow. */
export function feedPage(feed: FeedDescription, width = 96): string {
  const indent = '      '
  const columnLines = feed.columns.flatMap((column) => [
    `  ${column.name}${column.required ? '' : ' (may be empty)'}`,
    ...wrapped(`${column.description}: ${column.expects}.`, width, indent),
    ...(column.allowed.length > 0 ? wrapped(column.allowed.join(', '), width, indent) : []),
  ])
  return [
    `${feed.feed}: ${feed.description}`,
    '',
    ...wrapped(`One row is one ${feed.key.join(' + ')}; ${feed.newest}.`, width, ''),
    ...wrapped(
      'CSV with a header (columns in any order; comma, semicolon, tab or bar between them) or one JSON object a line; UTF-8, also gzipped.',
      width,
      '',
    ),
    ...(feed.wide
      ? wrapped(
          `The file is wide: its header has ${feed.wide.join(', ')} and other columns as in the example, and a line becomes several rows.`,
          width,
          '',
        )
      : []),
    '',
    feed.wide ? 'Columns of a row' : 'Columns',
    ...columnLines,
    '',
    ...(feed.rules.length > 0
      ? ['Rules of a row', ...feed.rules.map((rule) => `  ${rule}`), '']
      : []),
    'Example',
    ...feed.example.trimEnd().split('\n'),
  ].join('\n')
}

function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines
}
