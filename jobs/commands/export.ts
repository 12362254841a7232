import { readWatermarks } from '../kpis/watermarks.ts'
import { type KpiDesk, reachCube, requireWarehouse } from '../kpis/with-cube.ts'
import { type Export, openExport } from '../export/export.ts'
import { type Packaging, packagingOf } from '../export/formats.ts'
import { shown } from '../export/progress.ts'
import type { Asked } from '../export/subject.ts'
import { toFile, toStandardOutput } from '../export/to-file.ts'
import { connect } from '../postgres/pool.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { displayBytes, displaySeconds, several } from '../terminal/values.ts'

/** What was typed after `recoup export NAME`. */
export interface ExportOptions extends Omit<Asked, 'name'> {
  format?: string
  compression?: string
  output?: string
}

/** `recoup export <table | KPI>`: its rows to a file or to standard output. */
export async function exportRows(name: string, options: ExportOptions): Promise<number> {
  const { output } = options
  const packaging = packagingOf({ ...options, file: output })
  refuseTerminal(packaging, output)
  requireWarehouse()
  return await withWarehouse(async ({ url }, signal) => {
    await using open = new AsyncDisposableStack()
    const { pool } = open.use(connect(url, { max: 3 }))
    const kpis = async (): Promise<KpiDesk> => {
      const [watermarks, access] = await Promise.all([readWatermarks(pool), reachCube(url)])
      return { cube: open.use(access).client, watermarks }
    }
    try {
      const out = open.use(
        await openExport({ ...options, name }, packaging, { pool, kpis, signal }),
      )
      for (const note of out.notes) console.error(note)
      await write(out, output)
      return exitCodes.ok
    } catch (error) {
      if (!signal.aborted) throw error
      console.error(`Stopped${output ? `; there is no ${output}` : ''}.`)
      return exitCodes.interrupted
    }
  })
}

async function write(out: Export, file: string | undefined) {
  if (file === undefined) return toStandardOutput(shown(out))
  const start = Date.now()
  let size = 0
  const measured = async function* () {
    for await (const chunk of shown(out)) {
      size += chunk.length
      yield chunk
    }
  }
  await toFile(measured(), file)
  const took = displaySeconds(Date.now() - start)
  console.log(`${file}: ${several(out.rows, 'row')} of ${out.name}, ${displayBytes(size)}, ${took}`)
}

function refuseTerminal({ format, compression, ending }: Packaging, output: string | undefined) {
  if (output !== undefined || !process.stdout.isTTY) return
  if (!format.isBinary && compression === 'none') return
  throw new UsageError(
    `${format.name} is nothing for a terminal. Name a file, such as -o rows${ending}, or send it on with | or >.`,
  )
}
