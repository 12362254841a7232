/** The differential fuzz: the encoder against zod, row by row. */
import { isUtf8 } from 'node:buffer'

import * as z from 'zod'

import type { Source } from '#kit/asset.ts'
import { csvEncoder } from '#kit/encode/csv.ts'
import { judged } from '#kit/rules/judged.ts'
import { columns } from '#kit/table.ts'

import { cellFor, type Random, seeded } from './cells.ts'
import { endOfTuple } from './sink.ts'

/** What a row became, by zod: the values of a good one. */
export interface Expected {
  line: number
  values: Record<string, unknown> | null
}

export interface Fuzzed {
  rows: number
  /** Rows that both accept. */
  accepted: number
  /** Rows about which the encoder and zod do not agree, as CSV. */
  differences: string[]
  expected: Expected[]
  /** Every tuple accepted, as COPY BINARY has it. */
  tuples: Buffer[]
  columns: readonly string[]
}

/**
 * Sends made-up rows of a feed through the encoder and through its contract. What they accept is
 * kept for a comparison with Postgres, unless there are too many.
 */
export function fuzz(source: Source, rows: number, seed: number, { kept = true } = {}): Fuzzed {
  const random = seeded(seed)
  const names = columns(source).map(({ name }) => name)
  const contract = z.compile(judged(source))
  const lines = new Set<number>()
  const tuples: Buffer[] = []
  const keep = (bytes: Buffer, count: number) => {
    if (kept) tuples.push(bytes)
    let at = 0
    for (let row = 0; row < count; row++) {
      at = endOfTuple(bytes, at)
      lines.add(bytes.readInt32BE(at - 4))
    }
  }
  const encoder = csvEncoder(
    { ...source, reshape: null },
    { format: 'csv', delimiter: ',', names },
    {
      room: () => Buffer.alloc(64 * 1024),
      isNew: () => random() < 0.9,
      direct: keep,
      staged: (tuple) => keep(Buffer.from(tuple), 1),
      reject: () => {},
    },
    { file: 'fuzz.csv', loadId: 7 },
  )
  const expected: Expected[] = []
  const differences: string[] = []
  let line = 2
  let accepted = 0
  for (let row = 0; row < rows; row++) {
    const good = random() < 0.4
    const cells = names.map((name) =>
      cellFor(source.contract.shape[name] as z.ZodType, random, good),
    )
    const raw = Buffer.concat(
      cells
        .flatMap((cell, i) => [i > 0 ? ',' : '', csvCell(cell, random)])
        .map((piece) => Buffer.from(piece)),
    )
    const { success, data } = cells.every((cell) => isUtf8(cell))
      ? contract.safeParse(
          Object.fromEntries(
            names.map((name, i) => [name, cells[i]?.length ? cells[i].toString() : null]),
          ),
        )
      : { success: false, data: undefined }
    const cut = Math.floor(random() * raw.length)
    encoder.push(raw.subarray(0, cut))
    encoder.push(Buffer.concat([raw.subarray(cut), Buffer.from(random() < 0.5 ? '\n' : '\r\n')]))
    if (lines.delete(line) !== success)
      differences.push(`zod ${success ? 'accepts' : 'refuses'} ${raw.toString()}`)
    if (success) accepted++
    if (kept) expected.push({ line, values: success ? (data as Record<string, unknown>) : null })
    line += raw.toString('latin1').split('\n').length
    if (encoder.position.line !== line - 1)
      throw new Error(`line ${encoder.position.line} is not ${line - 1}: ${raw.toString()}`)
  }
  encoder.end()
  return { rows, accepted, differences, expected, tuples, columns: encoder.columns }
}

function csvCell(cell: Buffer, random: Random): Buffer {
  const text = cell.toString('latin1')
  const must = /[,\r\n]|^"/.test(text)
  if (!must && random() < 0.9) return cell
  return Buffer.from(`"${text.replaceAll('"', '""')}"`, 'latin1')
}
