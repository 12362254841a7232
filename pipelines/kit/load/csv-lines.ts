/** CSV past its header: cells -> the record of the contract. */
import type { Source } from '../asset.ts'
import { columns } from '../table.ts'
import { shown } from '../words.ts'
import { CsvReader, type Damage } from './csv.ts'
import type { Sink } from './encoder.ts'
import { readHeader } from './header.ts'
import { broken, type Lines, type Raw, rowJudge } from './lines.ts'

/** Reads CSV whose header is `first`, standing on `line`. */
export function csvLines(
  source: Source,
  file: string,
  sink: Sink,
  first: string,
  line: number,
): Lines {
  const { names, delimiter, ignored } = readHeader(source, file, first.replace(/\r$/, ''))
  const judge = rowJudge(source, sink)
  const toRecord = source.reshape
    ? recordOf(names)
    : rowOf(
        names,
        columns(source).map(({ name }) => name),
      )

  const reader = new CsvReader(
    delimiter,
    (cells, raw, at, damage) => {
      if (cells?.length === names.length) judge(toRecord(cells), raw, at)
      else sink.reject(at, raw, 1, [broken(damage ?? ragged(cells ?? [], names))])
    },
    line + 1,
  )
  return Object.assign(reader, { ignored, readsHead: false })
}

/** A record as the file has it. */
function recordOf(names: readonly string[]): (cells: string[]) => Raw {
  return (cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']))
}

/**
 * A record as the contract has it, an empty cell being null. One object literal, made for the order
 * of this file's columns: setting the columns in a loop costs half as much again.
 */
function rowOf(names: readonly string[], known: readonly string[]): (cells: string[]) => Raw {
  const cells = known.map((name) => {
    const cell = `cells[${names.indexOf(name)}]`
    return `${JSON.stringify(name)}: ${cell} === '' ? null : ${cell}`
  })
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('cells', `return { ${cells.join(', ')} }`) as (cells: string[]) => Raw
}

function ragged(cells: string[], names: string[]): Damage {
  return {
    found: `${cells.length} cells, the last being ${shown(cells.at(-1) ?? '')}`,
    expected: `${names.length} cells, as in the header`,
  }
}
