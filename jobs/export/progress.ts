import { displayBytes, displayCount } from '../terminal/values.ts'
import type { Export } from './export.ts'

const pause = 200

/** The bytes of an export; on standard error, where that is a terminal, how far it is. */
export async function* shown(out: Export): AsyncGenerator<Uint8Array> {
  const isSeen = process.stderr.isTTY
  const start = Date.now()
  let sent = 0
  let last = start
  try {
    for await (const chunk of out.bytes) {
      yield chunk
      sent += chunk.length
      if (!isSeen || Date.now() - last < pause) continue
      last = Date.now()
      draw(lineOf(out, sent, last - start))
    }
  } finally {
    if (last > start) draw('')
  }
}

/** `mart.fact_fee  41 %  820,000 rows, 31.2 MB, 24.0 MB/s`. */
function lineOf({ name, expected, rows }: Export, sent: number, milliseconds: number) {
  // The server counts the rows of its tables only now and then: never 100 % before the end.
  const share = expected && rows ? [`${Math.min(99, Math.floor((100 * rows) / expected))} %`] : []
  const count = rows ? `${displayCount(rows)} rows, ` : ''
  const speed = displayBytes((1000 * sent) / Math.max(1, milliseconds))
  return [name, ...share, `${count}${displayBytes(sent)}, ${speed}/s`].join('  ')
}

function draw(line: string) {
  process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
}
