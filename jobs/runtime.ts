import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

import type { Home } from './home.ts'

/** What a running Recoup leaves in its home for other commands to find it by. */
export interface Runtime {
  pid: number
  startedAt: string
  /** Cube's API: REST under `/v1`, GraphQL under `/graphql`. */
  cubeUrl: string
  /** Where tables and KPIs are fetched as files; absent in a Recoup of an earlier version. */
  exportUrl?: string
  /** Where BI tools connect; absent in a Recoup of an earlier version. */
  sqlPort?: number
  /** Signs tokens for Cube's API; the file is for its owner's eyes only. */
  secret: string
}

/** The Recoup that runs on this home, if one does. */
export function findRuntime(home: Home): Runtime | undefined {
  if (!existsSync(home.runtime)) return undefined
  try {
    const runtime = JSON.parse(readFileSync(home.runtime, 'utf8')) as Runtime
    return isAlive(runtime.pid) ? runtime : undefined
  } catch {
    // Removed or half read while its owner ends.
    return undefined
  }
}

/** Announces this process. Whoever reads sees the whole file or none. */
export function announce(home: Home, runtime: Runtime): Disposable {
  mkdirSync(home.folder, { recursive: true })
  const aside = `${home.runtime}.${process.pid}`
  writeFileSync(aside, `${JSON.stringify(runtime, null, 2)}\n`, { mode: 0o600 })
  renameSync(aside, home.runtime)
  return {
    [Symbol.dispose]: () => rmSync(home.runtime, { force: true }),
  }
}

/** Signs the tokens of Cube's API: the operator's, else a new one for each start. */
export function cubeSecret(env: NodeJS.ProcessEnv = process.env): string {
  return env.CUBEJS_API_SECRET || randomBytes(24).toString('hex')
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
