/** Which Arrow types a column of a contract may come as, and how each is read. */
import { type Data, DataType } from 'apache-arrow'
import type { Kind } from '../../columns.ts'
import { type Field, putNull, unproven } from '../fields/field.ts'
import type { ColumnField } from '../fields/field-of.ts'
import type { Value } from '../fields/value-of.ts'
import type { RowField } from '../rows.ts'
import { digitsReader, flagReader, wholeReader } from './numbers.ts'
import type { ColumnReader } from './reader.ts'
import { isText, textReader } from './texts.ts'
import { dayReader, instantReader, timeReader } from './times.ts'

/** How the values of a column are read from each batch. */
type ReaderOf = (data: Data) => ColumnReader

/** Chooses how a column is read, or says why its type cannot be this column: a sentence. */
export function readerFor(
  name: string,
  type: DataType,
  { kind, write, nullable }: Pick<ColumnField, 'kind' | 'write' | 'nullable'>,
): ReaderOf | string {
  if (isText(type)) return (data) => textReader(data, write, nullable)
  if (DataType.isNull(type)) return () => ({ write: () => unproven, value: () => null })
  const reader = kind ? typedReader(type, kind, write) : valuesOnly(type)
  return reader ?? `the column ${name} is ${nameOf(type)}${adviceFor(type, kind)}`
}

function typedReader(type: DataType, kind: Kind, write: Field): ReaderOf | null {
  const isInt = DataType.isInt(type) && type.bitWidth <= 64
  const isDecimal = DataType.isDecimal(type) && type.bitWidth === 128
  switch (kind.is) {
    case 'whole':
      if (isInt) return (data) => wholeReader(data, kind.type, kind.limit)
      return isDecimal ? (data) => digitsReader(data, write) : null
    case 'decimal':
      return isInt || isDecimal ? (data) => digitsReader(data, write) : null
    case 'instant':
      return DataType.isTimestamp(type) && type.timezone ? instantReader : null
    case 'day':
      return DataType.isDate(type) ? dayReader : null
    case 'timeOfDay':
      return DataType.isTime(type) ? timeReader : null
    case 'flag':
      return DataType.isBool(type) ? flagReader : null
    case 'text':
    case 'code':
    case 'month':
      return null
  }
}

/** For a column that only zod can judge: values by their Arrow type, none of them proven. */
function valuesOnly(type: DataType): ReaderOf | null {
  const kinds: Kind[] = [
    { is: 'whole', type: 'int8', limit: Number.MAX_SAFE_INTEGER },
    ...(['decimal', 'instant', 'day', 'timeOfDay', 'flag'] as const).map((is) => ({ is })),
  ]
  const write = () => unproven
  for (const kind of kinds) {
    const reader = typedReader(type, kind, write)
    if (reader) return (data) => ({ ...reader(data), write })
  }
  return null
}

function nameOf(type: { toString: () => string }): string {
  return type.toString()
}

function adviceFor(type: DataType, kind: Kind | undefined): string {
  const expected = `expected ${(kind && expectedTypes[kind.is]) ?? 'Utf8'}`
  if (DataType.isFloat(type))
    return `, and a float is not exact; ${expected}. Write it as one of these where the file is made.`
  if (DataType.isTimestamp(type) && kind?.is === 'instant')
    return `, a time without a zone; ${expected}. Say where the file is made in which zone it is.`
  return `; ${expected}. Cast it where the file is made.`
}

const expectedTypes: Partial<Record<Kind['is'], string>> = {
  whole: 'an Int of any width, Decimal128 without a fraction or Utf8',
  decimal: 'Decimal128, an Int of any width or Utf8',
  instant: 'Timestamp with a time zone or Utf8',
  day: 'Date32, Date64 or Utf8',
  timeOfDay: 'Time32, Time64 or Utf8',
  flag: 'Bool or Utf8',
}

/** A column in one batch, nulls and all. */
export interface BatchColumn {
  write: RowField
  value: (row: number) => Value
}

/** Binds a column to its values in a batch. */
export function batchColumn(data: Data, readerOf: ReaderOf, isNullable: boolean): BatchColumn {
  const { write, value } = readerOf(data)
  const isNull = nullsOf(data)
  return {
    write(row, out, at) {
      if (isNull?.(row)) return isNullable ? putNull(out, at) : unproven
      return write(row, out, at)
    },
    value: (row) => (isNull?.(row) ? null : value(row)),
  }
}

function nullsOf({ type, offset, nullBitmap }: Data): ((row: number) => boolean) | null {
  if (DataType.isNull(type)) return () => true
  if (!nullBitmap || nullBitmap.length === 0) return null
  // What lies beyond a bitmap that is too short is null.
  return (row) => ((nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1) === 0
}
