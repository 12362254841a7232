/**
 * The quarantine as a file that is mended in a spreadsheet and sent again: the columns it has besides
 * the feed's own, and what keeps its cells from being taken for formulas meanwhile.
 */

/** Names the quarantined row that a line of the file is: `<load_id>:<line>`. */
export const quarantineRow = 'quarantine_row'
/** Why the row was set aside. */
const quarantineReason = 'quarantine_reason'
/** The line as it came, where it could not be read into cells. */
const quarantineText = 'quarantine_text'

/** What a mended file has besides the columns of its feed. */
export const quarantineColumns: readonly string[] = [
  quarantineRow,
  quarantineReason,
  quarantineText,
]

/** Spreadsheets run a cell that begins like this, if need be after blanks. */
const formula = /^['\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/
/** A negative number begins like a formula and is none. */
const negative = /^-\d+(\.\d+)?$/

/** A cell as it is written into the file: an apostrophe stands before what a spreadsheet would run. */
export function guarded(cell: string): string {
  return isRisky(cell) ? `'${cell}` : cell
}

/** The cell that `guarded` was given. A cell that was never guarded stays as it is. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && isRisky(cell.slice(1)) ? cell.slice(1) : cell
}

function isRisky(cell: string): boolean {
  return formula.test(cell) && !negative.test(cell)
}
