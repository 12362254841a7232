import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/** A generated file: where it belongs, inside its folder, and what it contains. */
export interface Artefact {
  path: string
  content: string | Uint8Array
}

/** Writes those that are not there as they should be, and names them. */
export async function writeArtefacts(folder: string, artefacts: Artefact[]): Promise<string[]> {
  const written: string[] = []
  for (const { path, content } of artefacts) {
    const file = join(folder, path)
    if (await isThere(file, content)) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    written.push(path)
  }
  return written
}

/** What a folder has that differs from what would be generated, a sentence each. */
export async function findDifferences(folder: string, artefacts: Artefact[]): Promise<string[]> {
  const found = await filesIn(folder)
  const differences: string[] = []
  for (const { path, content } of artefacts) {
    const file = join(folder, path)
    if (!found.includes(path)) differences.push(`${file} is missing.`)
    else if (!(await isThere(file, content)))
      differences.push(`${file} is not as the model has it.`)
  }
  const wanted = new Set(artefacts.map(({ path }) => path))
  const left = found.filter((path) => !wanted.has(path))
  return [...differences, ...left.map((path) => `${join(folder, path)} is of no view: delete it.`)]
}

async function isThere(file: string, content: string | Uint8Array): Promise<boolean> {
  const there = await readFile(file).catch(unlessMissing)
  return there !== undefined && there.equals(Buffer.from(content))
}

async function filesIn(folder: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const
  const entries = await readdir(folder, options).catch(unlessMissing)
  return (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
