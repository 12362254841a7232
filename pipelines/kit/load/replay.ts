/** Rows in quarantine, judged again by the present contract: what is mended goes where it belongs. */
import type pg from 'pg'
import type { Source } from '../asset.ts'
import { recordEncoder } from '../encode/encoder-for.ts'
import type { Encoder, Layout } from '../encode/encoder.ts'
import { wasTooLong } from '../encode/long-line.ts'
import { feedName, requiredColumns } from '../read/header.ts'
import { columns } from '../table.ts'
import { alone } from './alone.ts'
import { attemptsOn, settled } from './attempts.ts'
import { keepKeys, keptKeys, tableState } from './known-keys.ts'
import { mending } from './mending.ts'
import { quarantinedAfter, release, settleReplay } from './quarantine.ts'
import { RawTable } from './raw-table.ts'
import { type QuarantinedLine, ReplaySink } from './replay-sink.ts'

/** What a replay did. */
export interface Replayed {
  /** Lines judged again. */
  lines: number
  /** Lines of which nothing is rejected any more. */
  accepted: number
  rowsNew: number
  rowsNewer: number
  /** Rows that were accepted and equal to, or older than, the row that is there. */
  rowsSame: number
  /** Lines of which only a part was kept, or whose file lacks a column that the contract has by now. */
  skipped: number
}

export const nothingReplayed: Replayed = {
  lines: 0,
  accepted: 0,
  rowsNew: 0,
  rowsNewer: 0,
  rowsSame: 0,
  skipped: 0,
}

export interface ReplayOptions {
  /** Only what this load set aside. */
  loadId?: number
  signal?: AbortSignal | undefined
  onProgress?: ((replayed: Replayed) => void) | undefined
  keysFolder?: string | undefined
  linesInBatch?: number
}

/**
 * Judges the quarantine of a feed again. An accepted row keeps the load and the line it came with, and
 * leaves the quarantine in the same transaction; one that is still rejected gets its present reason.
 */
export async function replayQuarantine(
  pool: pg.Pool,
  source: Source,
  options: ReplayOptions = {},
): Promise<Replayed> {
  const total = { ...nothingReplayed }
  const feed = feedName(source)
  const store = { feed, folder: options.keysFolder ?? null }
  await alone(pool, source, options.signal, async (client) => {
    const { stamp } = await tableState(client, source, store)
    const keys = await keptKeys(store, stamp)
    for (const load of await loadsWithQuarantine(client, feed, options.loadId))
      await replayLoad({ client, source, load, keys, total, ...options })
    const after = await tableState(client, source, store)
    if (keys && after.stamp !== stamp) await keepKeys(store, after.stamp, keys)
  })
  return total
}

/** A load of which lines are in quarantine. */
interface LoadToReplay {
  loadId: number
  file: string
  layout: Layout | null
  lines: number
}

async function loadsWithQuarantine(
  client: pg.ClientBase,
  feed: string,
  loadId: number | undefined,
): Promise<LoadToReplay[]> {
  const { rows } = await client.query<{
    load_id: string
    file: string
    layout: Layout | null
    lines: string
  }>(
    `select load.load_id, load.file, load.layout, count(*) as lines
     from raw.quarantine as q join raw.load as load using (load_id)
     where load.feed = $1 and q.line > 0 and ($2::int8 is null or load.load_id = $2)
     group by load.load_id order by load.load_id`,
    [feed, loadId ?? null],
  )
  return rows.map(({ load_id, file, layout, lines }) => ({
    loadId: Number(load_id),
    file,
    layout,
    lines: Number(lines),
  }))
}

async function replayLoad({
  client,
  source,
  load,
  keys,
  total,
  signal,
  onProgress,
  linesInBatch = 5000,
}: {
  client: pg.ClientBase
  source: Source
  load: LoadToReplay
  keys: Awaited<ReturnType<typeof keptKeys>>
  total: Replayed
} & ReplayOptions) {
  const { loadId, file, layout } = load
  if (!layout || lacksColumns(source, layout)) {
    total.skipped += load.lines
    return
  }
  const sink = new ReplaySink(keys)
  const judged = mending(source, layout, sink) ?? { source, sink }
  const encoder = recordEncoder(judged.source, layout, judged.sink, { file, loadId })
  const table = new RawTable({ client, source, tuple: encoder.columns, arrival: 'replay' })
  const known = columns(source)
  for (let after = 0; ;) {
    const page = { after, limit: linesInBatch, isWide: source.reshape !== null }
    const lines = await quarantinedAfter(client, loadId, page)
    if (lines.length === 0) return
    signal?.throwIfAborted()
    after = lines.at(-1)!.line
    const whole = lines.filter(({ reasons }) => !wasTooLong(reasons))
    for (const line of whole) judge(encoder, sink, line)
    await table.begin()
    try {
      await table.stage(sink.tuples, { flagged: false })
      const merged = await table.merge(sink.rows, ['all'])
      const accepted = whole.filter(({ rejectedRows }) => rejectedRows === 0)
      const names = accepted.map(({ line }) => `${loadId}:${line}`)
      const others = settled(names, await attemptsOn(client, feedName(source)))
      const rowsSame = await settleReplay(client, loadId, whole, merged, known)
      await release(client, source, others)
      await table.commit()
      total.accepted += accepted.length
      total.rowsNew += merged.rowsNew
      total.rowsNewer += merged.rowsNewer
      total.rowsSame += rowsSame
    } finally {
      await table.rollBack()
    }
    total.lines += whole.length
    total.skipped += lines.length - whole.length
    sink.clear()
    onProgress?.(total)
  }
}

/** Whether rows of a file cannot become rows of the table, whatever they hold. */
function lacksColumns(source: Source, { format, names }: Layout): boolean {
  return format === 'csv' && requiredColumns(source).some((name) => !names.includes(name))
}

function judge(encoder: Encoder<Buffer>, sink: ReplaySink, line: QuarantinedLine) {
  sink.line = line
  // The quarantine shows a NUL by its picture, since text in Postgres cannot hold it.
  encoder.push(Buffer.from(line.raw.replaceAll('\u2400', '\0')))
  encoder.end()
}
