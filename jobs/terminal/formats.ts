/** How a command prints what it found. */
export const formats = ['table', 'json', 'csv'] as const
export type Format = (typeof formats)[number]

/** Rows as RFC 4180 CSV, with a header; null is an empty cell. */
export function csv(columns: readonly string[], rows: readonly object[]): string {
  const cells = (row: object) => columns.map((column) => Reflect.get(row, column) as unknown)
  return [columns, ...rows.map(cells)].map(csvLine).join('').slice(0, -1)
}

/** One line of CSV, with its end. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
