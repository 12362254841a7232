import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The files below a folder, hidden ones aside, with size and time: it changes when one comes. */
export async function listing(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
  const lines = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      const stats = await stat(path).catch(() => null)
      return `${path} ${stats?.size} ${stats?.mtimeMs}`
    }),
  )
  return lines.sort().join('\n')
}
