import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { test as base, expect } from 'vitest'

import { encoderFor } from '#kit/encode/encoder-for.ts'
import type { Layout, Position } from '#kit/encode/encoder.ts'
import { identify } from '#kit/read/feed-file.ts'
import { openFeed } from '#kit/read/open-feed.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import * as formats from '#test/pipelines/read/formats.ts'

import { collect } from './collect.ts'

const test = base.extend('path', async ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-formats-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  return join(folder, 'file')
})

const events = Array.from({ length: 20_000 }, (_, i) => ({
  ...rawPaymentEvent.example,
  source_event_id: `PE${i}`,
  outcome: i % 2 === 0 ? 'declined' : '',
  reason_code: i % 2 === 0 ? 'Ünïcode' : '',
  amount_minor: i % 1000 === 999 ? 'NaN' : `${i * 97}`,
}))

/** Rows, in order, whatever their lines are; and what was set aside. */
async function rowsOf(path: string, resume?: { from: Position; layout: Layout }) {
  const sink = collect()
  const opened = await openFeed(rawPaymentEvent, await identify('payment_event', path), { resume })
  const { steps, encoder } = await encoderFor(rawPaymentEvent, opened, sink, {
    file: 'file',
    loadId: 7,
  })
  const positions: Position[] = []
  for await (const _ of steps) positions.push(encoder.position)
  const { layout } = opened
  const rows = [...sink.tuples].sort(([a], [b]) => a - b).map(([, tuple]) => tuple)
  return { rows, rejected: sink.rejected.length, layout, positions }
}

const table = formats.arrowTable(events, 18_000)
const csv = formats.csvOf(events)
const files: [string, Buffer][] = [
  ['CSV in gzip', formats.gzippedInTwo(csv)],
  [
    'CSV with semicolons and CRLF in zstd',
    formats.zstdInFrames(formats.csvOf(events, ';', '\r\n')),
  ],
  ['NDJSON', formats.ndjsonOf(events)],
  ['NDJSON in zstd', formats.zstd(formats.ndjsonOf(events))],
  ['an Arrow stream', formats.arrowStream(table)],
  ['an Arrow stream in gzip', formats.gzipped(formats.arrowStream(table))],
  ['an Arrow file', formats.arrowFile(table)],
  ['Parquet', formats.parquetOf(table, 12_000)],
]

test.for(files)(
  '%s holds the same rows as CSV, also when it is read on from where it was left',
  async ([, content], { path }) => {
    writeFileSync(path, csv)
    const expected = await rowsOf(path)
    expect(expected.rows).toHaveLength(19_980)

    writeFileSync(path, content)
    const { layout, positions, rows, rejected } = await rowsOf(path)
    // As one text: a difference between long lists takes minutes to show.
    expect(rows.join() === expected.rows.join()).toBe(true)
    expect(rejected).toBe(20)
    for (const from of [positions[0]!, positions.at(-3)!, positions.at(-1)!]) {
      const rest = await rowsOf(path, { from, layout })
      expect(rows.slice(rows.length - rest.rows.length).join() === rest.rows.join()).toBe(true)
      expect(rest.positions.at(-1)).toEqual(positions.at(-1))
      const records = from.line - (layout.format === 'csv' ? 1 : 0)
      expect(records + rest.rows.length + rest.rejected).toBe(events.length)
    }
  },
)
