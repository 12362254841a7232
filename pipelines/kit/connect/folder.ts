import { createReadStream, existsSync } from 'node:fs'
import { glob as globbed, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Duration,
  milliseconds,
  named,
  type Puller,
  reveal,
  type Setting,
  usualEvery,
} from './connector.ts'
import { isUnfinished, newObjects, type StoredObject } from './objects.ts'

/** Files of a folder on this machine or of a network drive; they stay there. */
export function folder(options: {
  path: Setting
  /** Which files, from the folder on. */
  glob?: string
  /** A file is taken once nobody has written to it for so long. */
  settled?: Duration
  every?: Duration
}): Puller {
  const { path, glob = '**/*', settled = { seconds: 5 }, every = usualEvery } = options
  return {
    kind: 'pull',
    origin: join(named(path), glob),
    every,
    async *fetch(pull) {
      const root = resolve(reveal(path, pull))
      if (!existsSync(root))
        throw new Error(
          `${pull.feed}: the folder ${root} does not exist. Make it, or correct the path in the feed's ` +
            `definition, then: npx recoup pull ${pull.feed}`,
        )
      const listing = await list(root, glob, Date.now() - milliseconds(settled))
      yield* newObjects(listing, pull, {
        open: async ({ key }) => {
          const file = join(root, key)
          return existsSync(file) ? createReadStream(file) : null
        },
      })
    },
  }
}

async function list(root: string, pattern: string, settledMs: number): Promise<StoredObject[]> {
  const found: StoredObject[] = []
  for await (const key of globbed(pattern, { cwd: root })) {
    if (isUnfinished(key)) continue
    const stats = await stat(join(root, key)).catch(() => null)
    if (!stats?.isFile() || stats.mtimeMs > settledMs) continue
    // An old file that is copied here keeps its time of change, but not its time of arrival.
    const tag = `${stats.size}/${stats.mtimeMs}/${stats.ino}`
    found.push({ key, tag, modifiedMs: stats.mtimeMs })
  }
  return found
}
