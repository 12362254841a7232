/** What is measured, and what is promised of it. */

import type { MadeUp } from '../feeds/made-up.ts'
import { type FileFormat, type MadeFile, madeFile } from '../files/index.ts'
import type { BareFormat } from './bare-copy.ts'

/** A load into a table that is empty, or that holds many rows already. */
export interface Case {
  name: string
  target: 'empty' | 'filled'
  /** A bare COPY of this format instead of the product. */
  bare: BareFormat | null
  /** The product is given an empty cache, as on its first load of a table that others filled. */
  isCold: boolean
  file: MadeFile
  /** How many times as fast as a bare COPY of the CSV file into the same kind of table it shall be. */
  timesBare: number | null
  /** Which part of the speed of a bare COPY of ready-made binary it shall reach. */
  ofTheLimit: number | null
}

/** Peak memory of every load of the product, whatever the size of the file. */
export const mostMemory = 200e6

export const bareCsv = { empty: 'COPY csv', filled: 'COPY csv, filled table' } as const
export const bareBinary = 'COPY binary'

/** Which cases are wanted, and how large. */
export interface Wanted {
  rows: number
  /** Rows of the filled table; 0 leaves its cases out. */
  target: number
  formats: readonly FileFormat[]
}

/** The binary file is given, because only Postgres can write it. */
export function makeCases(feed: MadeUp, wanted: Wanted, binaryFile: MadeFile): Case[] {
  const { rows, target, formats } = wanted
  const file = (format: FileFormat, brokenPerMille: number) =>
    madeFile(feed, format, { first: 1, rows, brokenPerMille, correctedPercent: 0 })
  const later = (correctedPercent: number) =>
    madeFile(feed, 'csv', { first: target + 1, rows, brokenPerMille: 0, correctedPercent })
  const base = { bare: null, isCold: false, timesBare: null, ofTheLimit: null } as const
  const empty = { ...base, target: 'empty' } as const
  const filled = { ...base, target: 'filled' } as const

  const cases: Case[] = [
    { ...empty, name: bareCsv.empty, bare: 'csv', file: file('csv', 0) },
    { ...empty, name: bareBinary, bare: 'binary', file: binaryFile },
  ]
  for (const format of formats) {
    const goals = promised[format]
    cases.push({ ...empty, name: format, file: file(format, 0), ...goals.clean })
    cases.push({ ...empty, name: `${format}, 0.2 % broken`, file: file(format, 2), ...goals.dirty })
  }
  if (target === 0 || !formats.includes('csv')) return cases
  return [
    ...cases,
    { ...filled, name: bareCsv.filled, bare: 'csv', file: later(0) },
    { ...filled, name: 'csv, filled table', file: later(0) },
    { ...filled, name: 'csv, filled table, cold cache', isCold: true, file: later(0) },
    { ...filled, name: 'csv, filled table, 5 % corrections', file: later(5), timesBare: 0.9 },
  ]
}

/** The rows that the filled table starts with. */
export function targetFile(feed: MadeUp, rows: number): MadeFile {
  return madeFile(feed, 'csv', { first: 1, rows, brokenPerMille: 0, correctedPercent: 0 })
}

interface Promised {
  clean: { timesBare?: number; ofTheLimit?: number }
  dirty: { timesBare?: number }
}

const promised: Record<FileFormat, Promised> = {
  csv: { clean: { timesBare: 1.3, ofTheLimit: 0.9 }, dirty: { timesBare: 1.25 } },
  ndjson: { clean: { timesBare: 1.2 }, dirty: {} },
  arrow: { clean: {}, dirty: {} },
  parquet: { clean: {}, dirty: {} },
}

/** Says what is wrong when a load did not find what the file holds; a fast load that loses rows is none. */
export function unlikeFile({ name, file }: Case, landed: Record<string, number>): string | null {
  const { rows, broken, corrections } = file
  const expected = {
    rowsRead: rows,
    rowsNew: rows - broken - corrections,
    rowsNewer: corrections,
    rowsSame: 0,
    rowsRejected: broken,
  }
  if (Object.entries(expected).every(([count, value]) => landed[count] === value)) return null
  return `${name}: the load found ${JSON.stringify(landed)}, the file holds ${JSON.stringify(expected)}.`
}
