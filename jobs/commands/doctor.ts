import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'

import pg from 'pg'

import { homeOf } from '../home.ts'
import { findBinaries } from '../postgres/binaries.ts'
import { findRuntime } from '../runtime.ts'
import { bad, faint, good, notable } from '../terminal/colour.ts'
import { json, type Format } from '../terminal/formats.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { displayBytes } from '../terminal/values.ts'

/** One thing Recoup needs: what is there, and what to do when it will not do. */
interface Finding {
  state: 'ok' | 'warn' | 'fail'
  found: string
  todo?: string
}

type Examination = () => Finding | Promise<Finding>

const examinations: Record<string, Examination> = {
  'Node.js': examineNode,
  'State folder': examineHome,
  Disk: examineDisk,
  Memory: examineMemory,
  PostgreSQL: examinePostgres,
  Ports: examinePorts,
  Queue: examineQueue,
  Cube: examineCube,
}

/** `recoup doctor`: a line for each thing needed; fails when one of them is missing. */
export async function doctor({ format }: { format: Format }): Promise<number> {
  const findings = []
  for (const [name, examine] of Object.entries(examinations))
    findings.push({ name, ...(await examine()) })

  if (format === 'json') console.log(json(findings))
  else for (const finding of findings) console.log(line(finding))
  const isWell = findings.every(({ state }) => state !== 'fail')
  return isWell ? exitCodes.ok : exitCodes.failed
}

function line({ name, state, found, todo }: Finding & { name: string }): string {
  const paint = { ok: good, warn: notable, fail: bad }[state]
  const words = `${paint(state.padEnd(4))}  ${name.padEnd(12)}  ${found}`
  return todo ? `${words}\n${' '.repeat(20)}${faint(todo)}` : words
}

function examineNode(): Finding {
  const found = `${process.versions.node} at ${process.execPath}`
  if (Number(process.versions.node.split('.')[0]) >= 24) return { state: 'ok', found }
  return { state: 'fail', found, todo: 'Run: npm ci. It brings Node 24; npx recoup uses it.' }
}

function examineHome(): Finding {
  const { folder } = homeOf()
  try {
    accessSync(existing(folder), constants.W_OK)
    const up = findRuntime(homeOf())
    return { state: 'ok', found: `${folder}${up ? `, in use by process ${up.pid}` : ''}` }
  } catch {
    return {
      state: 'fail',
      found: `${folder} cannot be written`,
      todo: 'Change its owner, or set RECOUP_HOME to another folder.',
    }
  }
}

function examineDisk(): Finding {
  const { bavail, bsize } = statfsSync(existing(homeOf().folder))
  const free = bavail * bsize
  const found = `${displayBytes(free)} free`
  if (free >= 5e9) return { state: 'ok', found }
  return {
    state: free >= 2e9 ? 'warn' : 'fail',
    found,
    todo: 'The demo needs about 3 GB. Make room, or set RECOUP_HOME to a folder on another disk.',
  }
}

function examineMemory(): Finding {
  const found = `${displayBytes(totalmem())} in all`
  if (totalmem() >= 3.5e9) return { state: 'ok', found }
  return { state: 'warn', found, todo: 'The demo uses up to 2 GB. A smaller one: --preset small' }
}

async function examinePostgres(): Promise<Finding> {
  if (process.env.DATABASE_URL) return await examineServer(process.env.DATABASE_URL)
  try {
    const { postgres } = findBinaries()
    const version = execFileSync(postgres, ['--version'], { encoding: 'utf8', cwd: '/' })
    return { state: 'ok', found: `${version.trim()}, embedded` }
  } catch (error) {
    return {
      state: 'fail',
      found: (error as Error).message,
      todo: 'Run: npm ci. Or use a server of your own: DATABASE_URL=postgres://...',
    }
  }
}

async function examineServer(connectionString: string): Promise<Finding> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string }>('show server_version')
    return { state: 'ok', found: `PostgreSQL ${rows[0]?.version} at DATABASE_URL` }
  } catch (error) {
    const { message, code } = error as { message: string; code?: string }
    return {
      state: 'fail',
      found: `DATABASE_URL does not answer: ${message || code}`,
      todo: 'Correct it, or unset it and Recoup starts a Postgres of its own.',
    }
  } finally {
    await client.end().catch(() => {})
  }
}

async function examinePorts(): Promise<Finding> {
  const server = createServer()
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { state: 'ok', found: 'free ports on 127.0.0.1 can be used' }
  } catch (error) {
    return {
      state: 'fail',
      found: `127.0.0.1 does not let programs listen: ${(error as Error).message}`,
      todo: 'Bring the loopback interface up (ip link set lo up).',
    }
  } finally {
    server.close()
  }
}

async function examineQueue(): Promise<Finding> {
  const url = process.env.REDIS_URL
  if (!url) return { state: 'ok', found: 'in Postgres (REDIS_URL is not set)' }
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    await redis.ping()
    return { state: 'ok', found: 'Redis at REDIS_URL answers' }
  } catch (error) {
    return {
      state: 'fail',
      found: `REDIS_URL does not answer: ${(error as Error).message}`,
      todo: 'Start Redis, correct REDIS_URL, or unset it to keep the queue in Postgres.',
    }
  } finally {
    redis.disconnect()
  }
}

async function examineCube(): Promise<Finding> {
  const { placeStandIn } = await import('#cube/server/place-stand-in.js')
  const placed = placeStandIn()
  if (placed === 'Cube not installed') return { state: 'fail', found: placed, todo: 'Run: npm ci' }
  const isNative = placed === 'addon present'
  return { state: 'ok', found: isNative ? 'with its native addon' : 'with the stand-in for it' }
}

/** The folder, or the nearest one above it that exists. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}
