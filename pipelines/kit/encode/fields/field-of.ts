/** From a column's schema to the function that judges and writes its bytes. */
import type * as z from 'zod'
import { kindOf, type Kind } from '../../columns.ts'
import { dayField, monthField, timeField } from './calendar.ts'
import { codeField } from './code.ts'
import { decimalField } from './decimal.ts'
import { type Field, unproven } from './field.ts'
import { flagField } from './flag.ts'
import { instantField } from './instant.ts'
import { textField } from './text.ts'
import { wholeField } from './whole.ts'

/** What a column of a file becomes. */
export interface ColumnField {
  /** Undefined for a column whose schema is not a plain kind. */
  kind: Kind | undefined
  write: Field
  nullable: boolean
  /** Bytes of the longest field it writes. */
  most: number
  /** What a bare token of JSON may be for this column, by its source text; text in quotes always may. */
  bare: 'number' | 'boolean' | null
}

/** The field of a column. One whose schema is not a plain kind of columns.ts proves nothing itself. */
export function fieldOf(schema: z.ZodType): ColumnField {
  const nullable = schema.type === 'nullable'
  const inner = nullable ? (schema as z.ZodNullable<z.ZodType>).unwrap() : schema
  const kind = kindOf(inner)
  const isNumber = kind?.is === 'whole' || kind?.is === 'decimal'
  const bare = isNumber ? 'number' : kind?.is === 'flag' ? 'boolean' : null
  return {
    kind,
    nullable,
    bare,
    ...(kind ? fieldOfKind(kind) : { write: () => unproven, most: 4 }),
  }
}

type Made = Pick<ColumnField, 'write' | 'most'>

const fields: { [Is in Kind['is']]: (kind: Kind & { is: Is }) => Made } = {
  text: ({ max }) => ({ write: textField(max), most: 4 + 4 * max }),
  code: ({ values }) => ({ write: codeField(values), most: 4 + Math.max(...values.map(bytesOf)) }),
  whole: ({ type, limit }) => ({ write: wholeField(type, limit), most: 12 }),
  instant: () => ({ write: instantField, most: 12 }),
  day: () => ({ write: dayField, most: 8 }),
  month: () => ({ write: monthField, most: 11 }),
  timeOfDay: () => ({ write: timeField, most: 12 }),
  decimal: () => ({ write: decimalField(20, 16), most: 36 }),
  flag: () => ({ write: flagField, most: 5 }),
}

function fieldOfKind(kind: Kind): Made {
  return (fields[kind.is] as (kind: Kind) => Made)(kind)
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}
