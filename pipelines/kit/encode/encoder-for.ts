import type { Source } from '../asset.ts'
import type { OpenFeed } from '../read/open-feed.ts'
import { csvEncoder, type EncoderOptions } from './csv.ts'
import type { Encoder, Layout, Sink } from './encoder.ts'

/** A file on its way through its encoder. */
export interface Encoding {
  encoder: Pick<Encoder<never>, 'columns' | 'position'>
  /** Encodes the file; steps once after each piece and once at the end. */
  steps: AsyncIterable<void>
}

/** Encodes an opened file by its format. */
export function encoderFor(
  source: Source,
  { layout, pieces, start }: OpenFeed,
  sink: Sink,
  options: Omit<EncoderOptions, 'from'>,
): Encoding {
  if (isCsv(layout))
    return encoding(
      csvEncoder(source, layout, sink, { ...options, from: start }),
      pieces as AsyncIterable<Buffer>,
    )
  throw new Error(`There is no encoder for ${layout.format} yet.`)
}

function encoding<Piece>(encoder: Encoder<Piece>, pieces: AsyncIterable<Piece>): Encoding {
  async function* steps() {
    for await (const piece of pieces) {
      encoder.push(piece)
      yield
    }
    encoder.end()
    yield
  }
  return { encoder, steps: steps() }
}

/**
 * An encoder of single records by the layout of the file they came from. Each is a push and an end;
 * a row of a columnar file is a JSON object.
 */
export function recordEncoder(
  source: Source,
  layout: Layout,
  sink: Sink,
  options: EncoderOptions,
): Encoder<Buffer> {
  if (isCsv(layout)) return csvEncoder(source, layout, sink, options)
  throw new Error(`There is no encoder for ${layout.format} yet.`)
}

function isCsv(layout: Layout): layout is Layout & { format: 'csv' } {
  return layout.format === 'csv'
}
