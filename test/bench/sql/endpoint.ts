import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import pg from 'pg'

import { addUser } from '#cube/access/users.ts'
import { makeVerifier } from '#cube/access/verifier.ts'

const password = 'a long bench password'

/** Cube and its SQL endpoint in another process, with users who see all, some and little. */
export async function startSql(databaseUrl: string) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const verifier = makeVerifier(password)
  for (const [name, groups, marketplaces] of [
    ['all', ['admin'], null],
    ['some', ['finance'], ['DE', 'FR']],
    ['one', ['viewer'], ['PL']],
  ] as const)
    await addUser(pool, {
      name,
      groups: [...groups],
      marketplaces: marketplaces && [...marketplaces],
      verifier,
    })
  await pool.end()

  const program = join(import.meta.dirname, 'sql.process.ts')
  const child = spawn(process.execPath, ['--expose-gc', program, databaseUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const nextLine = async () => Number((await lines.next()).value)
  const port = await nextLine()
  const database = new URL(databaseUrl).pathname
  return {
    pid: child.pid!,
    url: (user: 'all' | 'some' | 'one') =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}${database}`,
    /** In MiB, after garbage was collected. */
    async memory() {
      child.stdin.write('\n')
      return (await nextLine()) / 1024 ** 2
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}
