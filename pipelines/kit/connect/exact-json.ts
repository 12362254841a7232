/**
 * JSON with its numbers as the text they were written as: 12.50 stays 12.50, and an id of twenty
 * digits keeps them all. The contract of the feed then judges them as it judges a CSV file.
 */
export function parseExact(text: string): unknown {
  const keepText = (_key: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' ? source : value
  return JSON.parse(text, keepText as Parameters<typeof JSON.parse>[1])
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value under a path such as `data.items`; the empty path is the value itself. */
export function at(value: unknown, path: string): unknown {
  let found = value
  for (const name of path === '' ? [] : path.split('.'))
    found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return found
}

/** Records as NDJSON. */
export function jsonLines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}
