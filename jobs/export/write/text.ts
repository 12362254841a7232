import { escapeIdentifier } from 'pg'

import { csvSql, jsonSql } from '../kinds.ts'
import type { CopyEnd, Session } from '../session.ts'
import type { Subject } from '../subject.ts'

type Rows = Pick<Subject, 'from' | 'columns'>

/** Rows as RFC 4180 CSV with a header, written by the server: null is nothing, '' is "". */
export function csv(session: Session, { from, columns }: Rows): AsyncGenerator<Buffer, CopyEnd> {
  const names = columns.map((column) => {
    const name = escapeIdentifier(column.name)
    return `${csvSql(column, `r.${name}`)} as ${name}`
  })
  return session.copy(`select ${names.join(', ')} from ${from} as r`, 'format csv, header')
}

/** Rows as one JSON object a line, written by the server. Decimals are strings: exact everywhere. */
export function ndjson(session: Session, { from, columns }: Rows): AsyncGenerator<Buffer, CopyEnd> {
  const names = columns.map((column) => {
    const name = escapeIdentifier(column.name)
    return `${jsonSql(column, `r.${name}`)} as ${name}`
  })
  // JSON has no raw control characters, so between these two marks nothing is ever escaped.
  return session.copy(
    `select row_to_json(o) from (select ${names.join(', ')} from ${from} as r) as o`,
    String.raw`format csv, quote e'\x01', delimiter e'\x02'`,
  )
}
