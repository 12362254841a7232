/** The plain encoder: UTF-8 text -> records of CSV or NDJSON -> reshaped -> judged. */
import { StringDecoder } from 'node:string_decoder'
import type { Source } from '../asset.ts'
import { csvLines } from './csv-lines.ts'
import type { Encoder, Sink } from './encoder.ts'
import { feedError } from './feed-error.ts'
import { feedName } from './header.ts'
import { jsonLines } from './json-lines.ts'
import type { Lines } from './lines.ts'

const longestLine = 1024 * 1024

/** An encoder for one file of a feed. */
export function textEncoder(source: Source, file: string, sink: Sink): Encoder {
  const feed = feedName(source)
  const decoder = new StringDecoder('utf8')
  let lines: Lines | undefined
  let head = ''

  const read = (text: string, final: boolean) => {
    if (lines) return lines.push(text)
    head += text
    // A byte order mark and blank lines may stand before the header.
    const start = head.search(/[^\uFEFF\s]/)
    const end = start < 0 ? -1 : head.indexOf('\n', start)
    if (end < 0 && !final) return checkLength(head.length)
    if (start < 0) throw feedError(feed, file, nothingIn(head))
    const first = head.slice(start, end < 0 ? undefined : end)
    const line = head.slice(0, start).split('\n').length
    lines = first.startsWith('{')
      ? jsonLines(source, file, sink, first, line)
      : csvLines(source, file, sink, first, line)
    if (lines.readsHead) lines.push(head.slice(start))
    else if (end >= 0) lines.push(head.slice(end + 1))
    head = ''
  }

  const checkLength = (characters: number) => {
    if (characters > longestLine)
      throw feedError(
        feed,
        file,
        'a line does not end within a megabyte, expected lines of CSV or NDJSON.',
      )
  }

  return {
    get ignored() {
      return lines?.ignored ?? []
    },
    push(bytes) {
      read(decoder.write(bytes), false)
      if (lines) checkLength(lines.unfinished)
    },
    end() {
      read(decoder.end(), true)
      lines?.end()
    },
  }
}

function nothingIn(head: string): string {
  return head.length === 0
    ? 'the file is empty (0 bytes), expected a header and at least one row.'
    : 'the file holds only blank lines, expected a header and at least one row.'
}
