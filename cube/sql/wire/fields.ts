import { message } from './messages.ts'

/** The fields of an ErrorResponse or NoticeResponse of the warehouse, by their letters. */
export type Fields = Map<string, string>

export const [severity, code] = ['V', 'C'] as const
const position = 'P'

/** What the reader may know: not in which function, file or inner statement it happened. */
const told = new Set(['S', 'V', 'C', 'M', 'D', 'H', 's', 't', 'c', 'd', 'n'])

/** Reads a whole message, its head included. */
export function readFields(whole: Buffer): Fields {
  const fields: Fields = new Map()
  let at = 5
  while (at < whole.length && whole[at] !== 0) {
    const end = whole.indexOf(0, at)
    if (end < 0) break
    fields.set(String.fromCharCode(whole[at]!), whole.toString('utf8', at + 1, end))
    at = end + 1
  }
  return fields
}

/**
 * The message without what it must not tell. A position is one in the text that the warehouse read:
 * it is told only where the client had written that text itself.
 */
export function tellable(
  type: 'E' | 'N',
  fields: Fields,
  { withPosition }: { withPosition: boolean },
): Buffer {
  const lines = [...fields].filter(
    ([field]) => told.has(field) || (withPosition && field === position),
  )
  return message(type, `${lines.map(([field, text]) => `${field}${text}\0`).join('')}\0`)
}
