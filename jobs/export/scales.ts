import { escapeIdentifier } from 'pg'

import type { Column } from './column.ts'
import type { Session } from './session.ts'

/** Digits of the widest decimal that Arrow and Parquet have in 128 bits. */
const widest = 38

interface Extent {
  scale: number | null
  largest: string | null
}

/**
 * A numeric without a declared scale becomes a decimal with as many digits after the point as its
 * rows have, so that no digit is lost. One that no decimal holds (NaN, infinity, more than 38
 * digits) stays text.
 */
export async function withScales(
  session: Session,
  { from, columns }: { from: string; columns: readonly Column[] },
): Promise<Column[]> {
  const open = columns.filter(({ type, decimal }) => type === 'numeric' && !decimal)
  if (open.length === 0) return [...columns]

  const extents = open.map((column) => {
    const name = `r.${escapeIdentifier(column.name)}`
    return `json_build_object('scale', max(scale(${name})), 'largest', max(abs(${name}))::text)`
  })
  const [row] = await session.query<{ extents: Extent[] }>(
    `select json_build_array(${extents.join(', ')}) as extents from ${from} as r`,
  )
  return columns.map((column) => {
    const extent = row?.extents[open.indexOf(column)]
    return extent ? { ...column, decimal: decimalFor(extent) } : column
  })
}

function decimalFor({ scale, largest }: Extent) {
  const [whole = ''] = (largest ?? '0').split('.')
  const isNumber = /^\d+$/.test(whole)
  const digits = scale ?? 0
  return isNumber && whole.length + digits <= widest ? { precision: widest, scale: digits } : null
}
