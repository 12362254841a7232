import type { Column } from '../column.ts'
import { isKnown, type KnownType } from '../kinds.ts'
import type { Builder } from './builder.ts'
import { Decimals } from './decimals.ts'
import { Flags, float4, float8, int2, int4, int8 } from './numbers.ts'
import { Texts } from './texts.ts'
import { date, time, timestamp } from './times.ts'

const texts = () => new Texts()

const builders: Record<KnownType, (column: Column) => Builder> = {
  int2,
  int4,
  int8,
  float4,
  float8,
  bool: () => new Flags(),
  text: texts,
  date,
  time,
  timestamptz: () => timestamp('UTC'),
  timestamp: () => timestamp(null),
  numeric: ({ decimal }) => (decimal ? new Decimals(decimal) : new Texts()),
  jsonb: texts,
}

/** What collects a column for Arrow, from its binary values as `typedSql` selects them. */
export function builderOf(column: Column): Builder {
  const { type } = column
  return (isKnown(type) ? builders[type] : texts)(column)
}
