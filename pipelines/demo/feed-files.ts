import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { dateText } from './time.ts'

/** Lines are joined as short strings, which die young, then encoded into one buffer a file. */
const JOINED = 8192
const BUFFERED = 1 << 16

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
  joined: string
  buffer: Buffer
  filled: number
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
    file.joined += line
    this.written.rows++
    if (file.joined.length > JOINED) this.#encode(file)
  }

  /** Writes a file beside the regular ones: a re-send. */
  writeExtra(name: string, body: string): void {
    const file = this.#open(`${name}.csv`)
    for (const line of body.split(/(?<=\n)/)) {
      file.joined += line
      this.written.rows++
      this.#encode(file)
    }
  }

  close(): Written {
    for (const file of this.#byName.values()) {
      this.#encode(file)
      this.#flush(file)
      closeSync(file.descriptor)
    }
    this.written.files = this.#byName.size
    return this.written
  }

  #open(name: string): OpenFile {
    const known = this.#byName.get(name)
    if (known) return known
    const descriptor = openSync(join(this.#folder, name), 'w')
    const file = {
      descriptor,
      joined: this.#header,
      buffer: Buffer.allocUnsafe(BUFFERED),
      filled: 0,
    }
    this.#byName.set(name, file)
    return file
  }

  #encode(file: OpenFile): void {
    if (file.filled + file.joined.length > BUFFERED) this.#flush(file)
    file.filled += file.buffer.write(file.joined, file.filled, 'latin1')
    file.joined = ''
  }

  #flush(file: OpenFile): void {
    for (let at = 0; at < file.filled;)
      at += writeSync(file.descriptor, file.buffer, at, file.filled - at)
    this.written.bytes += file.filled
    file.filled = 0
  }
}

function fileName(day: number, cut: Cut): string {
  const [year, month] = dateText(day).split('-')
  return cut === 'month' ? `${year}-${month}.csv` : `${year}-Q${Math.ceil(Number(month) / 3)}.csv`
}
