/** What the readers of CSV and of NDJSON have in common. */
import type { Source } from '../asset.ts'
import { columns } from '../table.ts'
import type { Damage } from './csv.ts'
import type { Sink } from './encoder.ts'
import { judgeFor } from './judge.ts'
import type { Reason } from './reasons.ts'

/** A record on its way to the contract. */
export type Raw = Record<string, string | number | boolean | null>

/** A reader of one format, past the header. */
export interface Lines {
  push(text: string): void
  end(): void
  /** Characters of the record that has not ended yet. */
  readonly unfinished: number
  /** Columns of the file that the contract does not know. */
  readonly ignored: string[]
  /** Whether the first line is a record too. */
  readonly readsHead: boolean
}

/** Judges what one record of the file became: one row, or several when the feed is reshaped. */
export function rowJudge(
  source: Source,
  sink: Sink,
): (record: Raw, raw: string, line: number) => void {
  const judge = judgeFor(source)
  const { reshape } = source
  if (!reshape)
    return (record, raw, line) => {
      const reasons = judge(record)
      if (reasons) sink.reject(line, raw, 1, reasons)
      else sink.accept(judge.cells, judge.key, line)
    }
  const empty = Object.fromEntries(columns(source).map(({ name }) => [name, null]))
  return (record, raw, line) => {
    let rejected = 0
    const reasons: Reason[] = []
    for (const row of reshape(record as Record<string, string>)) {
      for (const name of Object.keys(row)) if (row[name] === '') delete row[name]
      const found = judge({ ...empty, ...row })
      if (!found) sink.accept(judge.cells, judge.key, line)
      else {
        rejected++
        reasons.push(...found)
      }
    }
    if (rejected > 0) sink.reject(line, raw, rejected, reasons)
  }
}

/** A line that cannot be read, as the reason of its quarantine. */
export function broken({ found, expected }: Damage): Reason {
  return { column: null, found, expected }
}
