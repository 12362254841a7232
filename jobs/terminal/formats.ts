/** How a command prints what it found. */
export const formats = ['table', 'json', 'csv'] as const
export type Format = (typeof formats)[number]

/** Rows as RFC 4180 CSV, with a header; null is an empty cell. */
export function csv(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  return lines.map((cells) => cells.map(csvCell).join(',')).join('\n')
}

function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
