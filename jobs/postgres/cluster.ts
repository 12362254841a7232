import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import type { Home } from '../home.ts'
import { launchAs, serverAccount } from './account.ts'
import { findBinaries } from './binaries.ts'

/** A PostgreSQL data directory and what is needed to run and enter it. */
export interface Cluster {
  data: string
  log: string
  user: string
  password: string
}

const user = 'recoup'

/** The home's cluster, made on first use. */
export function ensureCluster(home: Home): Cluster {
  mkdirSync(home.folder, { recursive: true })
  if (!existsSync(home.postgres)) makeCluster(home)
  const folder = realpathSync(home.postgres)
  return {
    data: join(folder, 'data'),
    log: home.postgresLog,
    user,
    password: readFileSync(join(folder, 'password'), 'utf8'),
  }
}

/**
 * Makes the cluster aside and renames it into place: a kill in the middle leaves no half-made
 * cluster, and of two makers at once one wins and the other takes the winner's.
 */
function makeCluster(home: Home) {
  const { initdb } = findBinaries()
  const account = serverAccount()
  const folder = mkdtempSync(`${home.postgres}.`)
  const data = join(folder, 'data')
  const password = join(folder, 'password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(password, randomBytes(18).toString('hex'), { mode: 0o600 })
  if (account)
    for (const path of [folder, data, password]) chownSync(path, account.uid, account.gid)

  const { command, args, as } = launchAs(
    account,
    initdb,
    [
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${password}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorts alike on every machine, whatever the locales installed there.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    [folder, initdb],
  )
  const run = spawnSync(command, args, { ...as, cwd: '/', encoding: 'utf8' })
  if (run.status !== 0) {
    rmSync(folder, { recursive: true })
    throw new Error(
      `The warehouse could not be made in ${home.postgres}: ${(run.error?.message ?? run.stderr).trim()}`,
    )
  }
  try {
    renameSync(folder, home.postgres)
  } catch (error) {
    rmSync(folder, { recursive: true })
    if (!existsSync(home.postgres)) throw error
  }
}
