import { isRecord, jsonLines, parseExact } from '#kit/connect/exact-json.ts'

/** What was received, as NDJSON with every number as text; or why it cannot be read. */
export type Received = { lines: string; records: number } | { mistake: string }

/** Reads a body: one JSON object, an array of them, or NDJSON. */
export function readRecords(body: Buffer): Received {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return { mistake: 'The body is not UTF-8.' }
  }
  const whole = parsed(text)
  const found = whole === undefined ? text.split('\n').filter(hasText).map(parsed) : whole
  const records = Array.isArray(found) ? found : [found]
  if (records.length === 0) return { mistake: 'The body holds no record.' }
  const wrong = records.findIndex((record) => !isRecord(record))
  if (wrong !== -1)
    return {
      mistake:
        `Record ${wrong + 1} of the body is not a JSON object. ` +
        'Send one object, an array of objects, or one object a line.',
    }
  return { lines: jsonLines(records), records: records.length }
}

/** Undefined stands for what is not JSON: no JSON says it. */
function parsed(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function hasText(line: string): boolean {
  return line.trim() !== ''
}
