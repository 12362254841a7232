/** NDJSON: one JSON object a line. */
import type { Source } from '../asset.ts'
import { columns } from '../table.ts'
import type { Damage } from './csv.ts'
import type { Sink } from './encoder.ts'
import { checkNames, requiredColumns } from './header.ts'
import { broken, type Lines, type Raw, rowJudge } from './lines.ts'

/** Reads NDJSON whose first object is `first`, standing on `line`. */
export function jsonLines(
  source: Source,
  file: string,
  sink: Sink,
  first: string,
  line: number,
): Lines {
  const known = columns(source).map(({ name }) => name)
  const required = source.reshape
    ? requiredColumns(source)
    : columns(source).flatMap(({ name, nullable }) => (nullable ? [] : [name]))
  const names = Object.keys(parsed(first) ?? {})
  const unknown = checkNames(source, file, names, required)
  const judge = rowJudge(source, sink)
  const onLine = (raw: string, at: number) => {
    const object = parsed(raw)
    if (!object) return sink.reject(at, raw, 1, [broken(notJson)])
    if (source.reshape) return judge(texts(object), raw, at)
    const row: Raw = {}
    for (const name of known)
      row[name] = (object[name] ?? '') === '' ? null : (object[name] ?? null)
    judge(row, raw, at)
  }
  let rest = ''
  let at = line
  const lines: Lines = {
    ignored: unknown.filter((name) => !known.includes(name)),
    readsHead: true,
    get unfinished() {
      return rest.length
    },
    push(text) {
      const pieces = (rest + text).split('\n')
      rest = pieces.pop() ?? ''
      for (const piece of pieces) {
        if (piece.trim() !== '') onLine(piece, at)
        at++
      }
    },
    end() {
      if (rest.trim() !== '') onLine(rest, at)
    },
  }
  return lines
}

function parsed(line: string): Raw | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Raw
  } catch {}
  return undefined
}

function texts(object: Raw): Raw {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, `${value ?? ''}`]))
}

const notJson: Damage = { found: 'a line that is not JSON', expected: 'one JSON object a line' }
