import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { dateText } from './time.ts'

const CHUNK = 1 << 17

/** How a feed is cut into files, by the day a row was recorded. */
export type Cut = 'month' | 'quarter'

/** What was written of one feed. */
export interface Written {
  rows: number
  bytes: number
  files: number
}

interface OpenFile {
  descriptor: number
  chunk: string
}

/** The CSV files of one feed. Late rows go to later files, since each file holds what was recorded in its time. */
export class FeedFiles {
  readonly feed: string
  readonly written: Written = { rows: 0, bytes: 0, files: 0 }
  readonly #folder: string
  readonly #header: string
  readonly #cut: Cut
  readonly #byDay = new Map<number, OpenFile>()
  readonly #byName = new Map<string, OpenFile>()

  constructor(outDir: string, feed: string, columns: string, cut: Cut) {
    this.feed = feed
    this.#folder = join(outDir, feed)
    this.#header = `${columns}\n`
    this.#cut = cut
    mkdirSync(this.#folder, { recursive: true })
  }

  /** Writes a line, newline included, to the file of the day it was recorded on. */
  write(recordedOn: number, line: string): void {
    let file = this.#byDay.get(recordedOn)
    if (!file) {
      file = this.#open(fileName(recordedOn, this.#cut))
      this.#byDay.set(recordedOn, file)
    }
    file.chunk += line
    this.written.rows++
    if (file.chunk.length > CHUNK) this.#flush(file)
  }

  /** Writes a file beside the regular ones: a re-send. */
  writeExtra(name: string, body: string): void {
    const file = this.#open(`${name}.csv`)
    file.chunk += body
    this.written.rows += body.split('\n').filter((line) => line !== '').length
  }

  close(): Written {
    for (const file of this.#byName.values()) {
      this.#flush(file)
      closeSync(file.descriptor)
    }
    this.written.files = this.#byName.size
    return this.written
  }

  #open(name: string): OpenFile {
    const known = this.#byName.get(name)
    if (known) return known
    const file = { descriptor: openSync(join(this.#folder, name), 'w'), chunk: this.#header }
    this.#byName.set(name, file)
    return file
  }

  #flush(file: OpenFile): void {
    this.written.bytes += writeSync(file.descriptor, file.chunk, null, 'latin1')
    file.chunk = ''
  }
}

function fileName(day: number, cut: Cut): string {
  const [year, month] = dateText(day).split('-')
  return cut === 'month' ? `${year}-${month}.csv` : `${year}-Q${Math.ceil(Number(month) / 3)}.csv`
}
