import type { RecordBatch } from 'apache-arrow'
import type { Source } from '../asset.ts'

import type { OpenFeed } from '../read/open-feed.ts'
import { csvEncoder, type EncoderOptions } from './csv.ts'
import type { Encoder, Layout, Sink } from './encoder.ts'
import { ndjsonEncoder } from './ndjson.ts'

/** A file on its way through its encoder. */
export interface Encoding {
  encoder: Pick<Encoder<never>, 'columns' | 'position'>
  /** Encodes the file; steps once after each piece and once at the end. */
  steps: AsyncIterable<void>
}

/** Encodes an opened file by its format. The Arrow library is loaded only for a file that needs it. */
export async function encoderFor(
  source: Source,
  { layout, pieces, start }: OpenFeed,
  sink: Sink,
  options: Omit<EncoderOptions, 'from'>,
): Promise<Encoding> {
  const all = { ...options, from: start }
  if (isOf('csv', layout))
    return encoding(csvEncoder(source, layout, sink, all), pieces as AsyncIterable<Buffer>)
  if (isOf('ndjson', layout))
    return encoding(ndjsonEncoder(source, layout, sink, all), pieces as AsyncIterable<Buffer>)
  const { columnarEncoder } = await import('./columnar.ts')
  return encoding(columnarEncoder(source, layout, sink, all), pieces as AsyncIterable<RecordBatch>)
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
  if (isOf('csv', layout)) return csvEncoder(source, layout, sink, options)
  return ndjsonEncoder(source, { ...layout, format: 'ndjson' }, sink, options)
}

function isOf<Format extends Layout['format']>(
  format: Format,
  layout: Layout,
): layout is Layout & { format: Format } {
  return layout.format === format
}
