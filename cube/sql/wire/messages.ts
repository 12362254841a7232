import type { Refusal } from '../refusal.ts'

/** The types of messages, by the letter that each begins with. */
export const letter = (type: string) => type.charCodeAt(0)

/** One message: its letter, its length, its content. */
export function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  const length = content.reduce((sum, part) => sum + part.length, 4)
  const head = Buffer.alloc(5)
  head.writeUInt8(letter(type))
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, ...content], length + 1)
}

/** A text as the protocol ends it. A NUL inside would end it early. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text.replaceAll('\0', '')}\0`)
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [place, value] of values.entries()) bytes.writeInt32BE(value, 4 * place)
  return bytes
}

type Severity = 'ERROR' | 'FATAL' | 'WARNING'

/** An ErrorResponse that says what a refusal says. */
export function errorMessage(refusal: Refusal, severity: Severity = 'ERROR'): Buffer {
  return message('E', fields(severity, refusal.code, refusal.message, refusal.hint))
}

/** A NoticeResponse: what the reader of an answer should know. */
export function noticeMessage(text: string): Buffer {
  return message('N', fields('WARNING', '01000', text))
}

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', cString(name), cString(value))
}

/** ReadyForQuery outside of a transaction. */
export const readyMessage = message('Z', 'I')

function fields(severity: Severity, code: string, text: string, hint?: string) {
  return Buffer.concat([
    cString(`S${severity}`),
    cString(`V${severity}`),
    cString(`C${code}`),
    cString(`M${text}`),
    hint === undefined ? Buffer.alloc(0) : cString(`H${hint}`),
    Buffer.alloc(1),
  ])
}
