import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import pg from 'pg'
import { expect, test as base } from 'vitest'

import { openWarehouse } from '#jobs/postgres/warehouse.ts'

/** A state folder, and other processes that hold its warehouse. */
const test = base
  .extend('home', { scope: 'file' }, ({}, { onCleanup }) => emptyHome(onCleanup))
  .extend('keeper', async ({ home }, { onCleanup }) => {
    const children: ChildProcess[] = []
    onCleanup(() => children.forEach((child) => child.kill('SIGKILL')))
    return async (folder: string = home) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'keeper.process.ts')], {
        env: { ...process.env, RECOUP_HOME: folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      const opened = JSON.parse(line) as { url: string; started: boolean }
      const end = async (signal: NodeJS.Signals) => {
        child.kill(signal)
        await once(child, 'exit')
        return child.exitCode
      }
      return { ...opened, end }
    }
  })

// Tests share the folder, and each begins with no server on it.
test.afterEach(({ home }) => killServersOf(home))

function emptyHome(onCleanup: (cleanup: () => void) => void): string {
  const home = mkdtempSync(join(tmpdir(), 'recoup-home-'))
  onCleanup(() => {
    killServersOf(home)
    rmSync(home, { recursive: true, force: true })
  })
  return home
}

function killServersOf(home: string) {
  for (const pid of serversOf(home)) process.kill(pid, 'SIGKILL')
}

/** The servers that run on a state folder, as the operating system lists them. */
function serversOf(home: string): number[] {
  const { stdout } = spawnSync('ps', ['-ww', '-eo', 'pid=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes(`${home}/`) && line.includes('postgres -D'))
    .map((line) => Number.parseInt(line, 10))
}

async function answer(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query('select current_database() as name')
    return rows[0]?.name
  } finally {
    await client.end()
  }
}

async function takePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

test('closing the warehouse leaves no server behind', async ({ home }) => {
  const warehouse = await openWarehouse({ RECOUP_HOME: home })
  expect(warehouse.started).toBe(true)
  expect(await answer(warehouse.url)).toBe('recoup')
  expect(serversOf(home)).toHaveLength(1)
  await warehouse.close()
  expect(serversOf(home)).toEqual([])
})

test.for(['SIGINT', 'SIGTERM'] as const)('%s stops the server', async (name, { home, keeper }) => {
  const starter = await keeper()
  expect(serversOf(home)).toHaveLength(1)
  expect(await starter.end(name)).toBe(0)
  expect(serversOf(home)).toEqual([])
})

test('after a kill -9 the next Recoup takes over the server and stops it at its end', async ({
  home,
  keeper,
}) => {
  const killed = await keeper()
  await killed.end('SIGKILL')
  expect(serversOf(home)).toHaveLength(1)

  const next = await openWarehouse({ RECOUP_HOME: home })
  expect(next).toMatchObject({ started: false, url: killed.url })
  await next.close()
  expect(serversOf(home)).toEqual([])
})

test('a server killed with all that ran on it comes back with what was committed', async ({
  home,
}) => {
  const first = await openWarehouse({ RECOUP_HOME: home })
  const client = new pg.Client({ connectionString: first.url })
  client.on('error', () => {})
  await client.connect()
  await client.query('create table kept as select 1 as n')
  await client.query('checkpoint')
  process.kill(serversOf(home)[0] ?? 0, 'SIGKILL')

  await using second = await openWarehouse({ RECOUP_HOME: home })
  expect(second.started).toBe(true)
  const again = new pg.Client({ connectionString: second.url })
  await again.connect()
  expect((await again.query('select n from kept')).rows).toEqual([{ n: 1 }])
  await again.end()
  await first.close()
})

test('a command beside npm start uses its server and leaves it running', async ({
  home,
  keeper,
}) => {
  const starter = await keeper()
  const command = await openWarehouse({ RECOUP_HOME: home })
  expect(command).toMatchObject({ started: false, url: starter.url })
  await command.close()
  expect(await answer(starter.url)).toBe('recoup')
})

test('when the starter leaves first, a command that still works keeps the server', async ({
  home,
  keeper,
}) => {
  const starter = await keeper()
  const command = await openWarehouse({ RECOUP_HOME: home })
  await starter.end('SIGTERM')
  expect(await answer(command.url)).toBe('recoup')
  await command.close()
  expect(serversOf(home)).toEqual([])
})

test('two first starts at the same moment share one new warehouse', async ({
  keeper,
  onTestFinished,
}) => {
  const home = emptyHome(onTestFinished)
  const [one, other] = await Promise.all([keeper(home), keeper(home)])
  expect(one.url).toBe(other.url)
  expect(one.started).not.toBe(other.started)
  expect(readdirSync(home).sort()).toEqual(['postgres', 'postgres.log'])
})

test('who opens while the last user closes gets a server', async ({ home }) => {
  for (let round = 0; round < 5; round++) {
    const leaving = await openWarehouse({ RECOUP_HOME: home })
    const closing = leaving.close()
    await using coming = await openWarehouse({ RECOUP_HOME: home })
    await closing
    expect(await answer(coming.url)).toBe('recoup')
  }
})

test('a configured port is used', async ({ home }) => {
  const { server, port } = await takePort()
  server.close()
  await using warehouse = await openWarehouse({ RECOUP_HOME: home, RECOUP_PG_PORT: `${port}` })
  expect(new URL(warehouse.url).port).toBe(`${port}`)
})

test('a configured port that is taken is named, with what to do', async ({ home }) => {
  const { server, port } = await takePort()
  const opening = openWarehouse({ RECOUP_HOME: home, RECOUP_PG_PORT: `${port}` })
  await expect(opening).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken by another program, so Postgres cannot start there. ` +
      'Set RECOUP_PG_PORT to a free port, or leave it out and Recoup finds one.',
  )
  server.close()
})

test('a port that is no port is refused', async ({ home }) => {
  await expect(openWarehouse({ RECOUP_HOME: home, RECOUP_PG_PORT: '70000' })).rejects.toThrow(
    'RECOUP_PG_PORT is "70000"; it must be a port from 1 to 65535.',
  )
})

test.for([
  ['a live process that is no server', process.pid],
  ['a process that has ended', spawnSync('true').pid],
] as const)('a postmaster.pid that names %s does not stop a start', async ([, pid], { home }) => {
  await openWarehouse({ RECOUP_HOME: home }).then((warehouse) => warehouse.close())
  const data = join(home, 'postgres', 'data')
  const lines = [pid, data, 0, 1, '', '127.0.0.1', '0 0', 'ready']
  writeFileSync(join(data, 'postmaster.pid'), `${lines.join('\n')}\n`)
  await using warehouse = await openWarehouse({ RECOUP_HOME: home })
  expect(warehouse.started).toBe(true)
})

test('DATABASE_URL uses that server; nothing is started, and closing stops nothing', async ({
  home,
}) => {
  await using own = await openWarehouse({ RECOUP_HOME: home })
  const elsewhere = join(home, 'unused')
  const warehouse = await openWarehouse({ RECOUP_HOME: elsewhere, DATABASE_URL: own.url })
  expect(warehouse).toMatchObject({ url: own.url, started: false })
  await warehouse.close()
  expect(await answer(own.url)).toBe('recoup')
  expect(readdirSync(home)).not.toContain('unused')
})

test('a DATABASE_URL that does not answer is explained without its password', async () => {
  const { server, port } = await takePort()
  server.close()
  const url = `postgres://ann:secret@127.0.0.1:${port}/warehouse`
  await expect(openWarehouse({ DATABASE_URL: url })).rejects.toThrow(
    `DATABASE_URL (postgres://ann:***@127.0.0.1:${port}/warehouse) cannot be used: ` +
      `connect ECONNREFUSED 127.0.0.1:${port}. ` +
      'Correct it, or unset it and Recoup starts a Postgres of its own.',
  )
})

test('a stranger on this machine cannot enter without the password', async ({ home }) => {
  await using warehouse = await openWarehouse({ RECOUP_HOME: home })
  const url = new URL(warehouse.url)
  url.password = 'guess'
  await expect(answer(url.href)).rejects.toThrow('password authentication failed')
})

test.runIf(process.getuid?.() === 0)(
  'run by root in a folder closed to all others, the server is not root',
  async ({ home }) => {
    await using warehouse = await openWarehouse({ RECOUP_HOME: home })
    expect(await answer(warehouse.url)).toBe('recoup')
    const status = readFileSync(`/proc/${serversOf(home)[0]}/status`, 'utf8')
    expect(status).not.toMatch(/^Uid:\s+0\s/m)
  },
)
