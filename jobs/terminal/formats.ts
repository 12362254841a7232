/** How a command prints what it found. */
export const formats = ['table', 'json', 'csv'] as const
export type Format = (typeof formats)[number]

/** Rows as RFC 4180 CSV, with a header; null is an empty cell. */
export function csv(columns: readonly string[], rows: readonly object[]): string {
  const cells = (row: object) => columns.map((column) => Reflect.get(row, column) as unknown)
  const lines = [columns, ...rows.map(cells)]
  return lines.map((line) => line.map(csvCell).join(',')).join('\n')
}

function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
