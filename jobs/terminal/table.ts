import { stripVTControlCharacters } from 'node:util'

import Table from 'cli-table3'

import { bold, faint } from './colour.ts'

/** One column: its heading, and which side its cells lean to. */
export interface Column {
  title: string
  align?: 'left' | 'right'
  /** Longer cells are wrapped at words. */
  width?: number
}

/** Cells under headings, without boxes: two spaces apart, a rule under the headings. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({
    head: columns.map(({ title }) => bold(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    colWidths: columns.map(({ title, width }, at) =>
      width ? Math.min(width, longest([title, ...rows.map((row) => row[at] ?? '')])) : null,
    ),
    wordWrap: true,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: {
      ...nothing,
      mid: faint('─'),
      'mid-mid': faint('──'),
      middle: '  ',
    },
  })
  grid.push(...rows.map((row) => [...row]))
  const [head = '', rule = '', ...rest] = grid.toString().split('\n')
  // The rule belongs under the headings only, not between rows.
  const lines = [head, rule, ...rest.filter((line) => line !== rule)]
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** The length of the longest line in some cells, as it is seen. */
function longest(cells: readonly string[]): number {
  const lines = cells.flatMap((cell) => stripVTControlCharacters(cell).split('\n'))
  return Math.max(...lines.map((line) => line.length))
}

const nothing = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
}

/** Shifts a block of lines to the right. */
export function indent(text: string, by = 2): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
}
