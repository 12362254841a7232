import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** Writes a file beside its place and moves it there when it is whole: nobody sees half of it. */
export async function toFile(bytes: AsyncIterable<Uint8Array>, file: string): Promise<void> {
  const aside = `${file}.${process.pid}.part`
  try {
    await pipeline(bytes, createWriteStream(aside, { flush: true }))
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

/** Writes to standard output, as fast as it is read. Whoever stops reading has read enough. */
export async function toStandardOutput(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(bytes, process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}
