import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { launchAs, serverAccount } from '#jobs/postgres/account.ts'

const isRoot = process.getuid?.() === 0

test.runIf(isRoot)('root lends the server another account, never its own', () => {
  expect(serverAccount()?.uid).toBeGreaterThan(0)
})

test.skipIf(isRoot)('a user that is not root runs the server itself', () => {
  expect(serverAccount()).toBeUndefined()
  expect(launchAs(undefined, 'postgres', ['-D', 'data'], [])).toEqual({
    command: 'postgres',
    args: ['-D', 'data'],
    as: {},
  })
})

// A clone made by root under `mktemp -d` failed with "invalid binary: Permission denied": Postgres
// looks at its own program with access(), which ignores capabilities unless told to keep them.
test.runIf(isRoot)('the account can see and run programs in a folder closed to it', () => {
  const closed = mkdtempSync(join(tmpdir(), 'recoup-closed-'))
  const program = join(closed, 'program')
  writeFileSync(program, '#!/bin/sh\ntest -x "$0" && id -u\n')
  chmodSync(program, 0o755)
  const account = serverAccount()
  const { command, args, as } = launchAs(account, program, [], [closed])
  const { stdout } = spawnSync(command, args, { ...as, cwd: '/', encoding: 'utf8' })
  rmSync(closed, { recursive: true })
  expect(stdout.trim()).toBe(`${account?.uid}`)
})
