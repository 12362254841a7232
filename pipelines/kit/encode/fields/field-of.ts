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

function fieldOfKind(kind: Kind): { write: Field; most: number } {
  switch (kind.is) {
    case 'text':
      return { write: textField(kind.max), most: 4 + 4 * kind.max }
    case 'code':
      return { write: codeField(kind.values), most: 4 + Math.max(...kind.values.map(bytesOf)) }
    case 'whole':
      return { write: wholeField(kind.type, kind.limit), most: 12 }
    case 'instant':
      return { write: instantField, most: 12 }
    case 'day':
      return { write: dayField, most: 8 }
    case 'month':
      return { write: monthField, most: 11 }
    case 'timeOfDay':
      return { write: timeField, most: 12 }
    case 'decimal':
      return { write: decimalField(20, 16), most: 36 }
    case 'flag':
      return { write: flagField, most: 5 }
  }
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}
