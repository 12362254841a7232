import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { launchAs, serverAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { clearStaleNote, findPostmaster, type Postmaster } from './postmaster.ts'
import { serverSettings } from './settings.ts'

const logLimit = 20e6
const tries = 20

/** A server that answers, and whether this call is the one that started it. */
export interface Running extends Postmaster {
  started: boolean
}

/** The cluster's server: the one that already runs, else a new one on `port` or on a free port. */
export async function ensureRunning(
  cluster: Cluster,
  port: number | undefined,
  settings: Readonly<Record<string, string>> = {},
): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const found = await readyPostmaster(cluster.data)
    if (found) return { ...found, started: false }
    clearStaleNote(cluster.data)

    const words = await startServer(cluster, port ?? (await freePort()), settings)
    const started = await readyPostmaster(cluster.data)
    // Without words it is ours; with words ours has ended, because another process was quicker.
    if (started) return { ...started, started: words === undefined }

    const portIsTaken = /Address already in use/.test(words ?? '')
    if (portIsTaken && port !== undefined)
      throw new Error(
        `Port ${port} on 127.0.0.1 is taken by another program, so Postgres cannot start there. ` +
          'Set RECOUP_PG_PORT to a free port, or leave it out and Recoup finds one.',
      )
    // Sessions of a killed server hold its memory for a moment longer.
    const stillEnding = /is still in use|already exists/.test(words ?? '')
    if (attempt === tries || !(portIsTaken || stillEnding))
      throw new Error(`Postgres did not start. Its last words, in ${cluster.log}:\n${words}`)
    await sleep(250)
  }
}

/** Waits out a start or a crash recovery that is under way. */
async function readyPostmaster(data: string): Promise<Postmaster | undefined> {
  for (;;) {
    const found = findPostmaster(data)
    if (!found || found.ready) return found
    await sleep(10)
  }
}

/** Resolves when the server is ready, or with what it logged if it ended instead. */
async function startServer(
  cluster: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { postgres } = findBinaries()
  const options = Object.entries({ ...serverSettings, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const { command, args, as } = launchAs(
    serverAccount(),
    postgres,
    ['-D', cluster.data, '-p', `${port}`, ...options],
    [dirname(cluster.data), postgres],
  )

  if (existsSync(cluster.log) && statSync(cluster.log).size > logLimit) rmSync(cluster.log)
  const log = openSync(cluster.log, 'a', 0o600)
  const before = statSync(cluster.log).size
  // A session of its own: Ctrl-C must reach Recoup only, which then stops Postgres last.
  const child = spawn(command, args, {
    ...as,
    cwd: '/',
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const exit = once(child, 'exit')
  while (child.exitCode === null && child.signalCode === null) {
    const found = findPostmaster(cluster.data)
    if (found?.pid === child.pid && found?.ready) return undefined
    await Promise.race([exit, sleep(10)])
  }
  return readFileSync(cluster.log, 'utf8').slice(before).trim()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
