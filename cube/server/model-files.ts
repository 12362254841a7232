import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the cubes and views of this project live. */
export const MODEL = fileURLToPath(new URL('../model', import.meta.url))

/** One file of the model: its path inside the model folder and its text. */
export interface ModelFile {
  fileName: string
  content: string
}

/** Every YAML file of the model, in the order of their names. */
export async function readModelFiles(folder = MODEL): Promise<ModelFile[]> {
  const entries = await readdir(folder, { recursive: true })
  const fileNames = entries.filter((entry) => /\.ya?ml$/.test(entry)).sort()
  return Promise.all(
    fileNames.map(async (fileName) => ({
      fileName,
      content: await readFile(join(folder, fileName), 'utf8'),
    })),
  )
}
