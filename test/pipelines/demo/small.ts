import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateDemo } from '#pipelines/demo/generate.ts'
import type { DemoResult } from '#pipelines/demo/generate.ts'
import type { TruthFile } from '#pipelines/demo/truth/truth-file.ts'

/** A generated demo in a temporary folder, removed when disposed of. */
export interface MadeDemo extends Disposable {
  outDir: string
  result: DemoResult
  truth: TruthFile
}

/** Generates the small preset. */
export function makeSmall(seed: number): MadeDemo {
  const outDir = mkdtempSync(join(tmpdir(), 'recoup-demo-'))
  const result = generateDemo({ preset: 'small', seed, outDir })
  const truth = JSON.parse(readFileSync(join(outDir, 'truth.json'), 'utf8')) as TruthFile
  const remove = () => rmSync(outDir, { recursive: true, force: true })
  return { outDir, result, truth, [Symbol.dispose]: remove }
}

/** Every file below a folder, by its path there, in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** One hash of all names and bytes below a folder. */
export function hashOf(folder: string): string {
  const hash = createHash('sha256')
  for (const file of filesBelow(folder)) hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

/** A line of a feed as its cells by column, and where it stands. */
export interface Line {
  file: string
  cells: Record<string, string>
  isWhole: boolean
  text: string
}

/** The lines of a feed in the order of its files. The demo's values hold no commas. */
export function linesOf(outDir: string, feed: string): Line[] {
  return filesBelow(join(outDir, feed)).flatMap((file) => {
    const [header = '', ...lines] = readFileSync(join(outDir, feed, file), 'utf8').split('\n')
    const columns = header.split(',')
    return lines
      .filter((text) => text !== '')
      .map((text) => {
        const values = text.split(',')
        const cells = Object.fromEntries(values.map((value, at) => [columns[at] ?? '', value]))
        return { file, cells, isWhole: values.length === columns.length, text }
      })
  })
}
