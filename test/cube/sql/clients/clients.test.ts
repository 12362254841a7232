import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { expect } from 'vitest'

import { fillFacts } from '../differential/facts.ts'
import { password, testWith } from '../kit.ts'

const run = promisify(execFile)

const test = testWith(fillFacts)

const has = (program: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

const missing = {
  psql: has('psql') ? '' : 'postgresql-client',
  jdbc:
    existsSync('/usr/share/java/postgresql.jar') && has('ecj') && has('java')
      ? ''
      : 'libpostgresql-jdbc-java ecj default-jre-headless',
  odbc: existsSync('/etc/odbcinst.ini') && hasPyodbc() ? '' : 'odbc-postgresql python3-pyodbc',
}

function hasPyodbc() {
  return spawnSync('/usr/bin/python3', ['-c', 'import pyodbc']).status === 0
}

/** What a client printed, by what it asked: `tables: [fees, ...]`. */
function answers(output: string): Record<string, string> {
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => line.split(/: (.*)/s, 2) as [string, string]),
  )
}

test.skipIf(missing.psql)(
  `psql finds the views and reads them${missing.psql && ` (to run it: apt-get install ${missing.psql})`}`,
  async ({ endpoint }) => {
    const folder = await mkdtemp(join(tmpdir(), 'psql-'))
    const script = join(folder, 'script.sql')
    await writeFile(script, PSQL)
    const { stdout, stderr } = await run(
      'psql',
      ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=0', '-f', script, endpoint.url('ana')],
      {
        env: { ...process.env, PAGER: '' },
      },
    )
    await writeFile(script, 'SELECT COUNT(*) FROM fees \\watch 0.1')
    // Not every psql stops by itself.
    const watched = await run('psql', ['-X', '-A', '-t', '-f', script, endpoint.url('ana')], {
      timeout: 1500,
    }).catch((stopped: { stdout: string }) => stopped)
    expect(watched.stdout.match(/^\d+$/gm)?.length).toBeGreaterThan(2)
    await rm(folder, { recursive: true })
    const parts = Object.fromEntries(
      stdout
        .split(/^== /m)
        .slice(1)
        .map((part) => [part.split('\n', 1)[0], part.split('\n').slice(1).join('\n').trim()]),
    )
    expect(parts['d']).toMatch(
      /bi\|appeals\|view.*\n.*contacts.*\n.*fees.*\n.*freshness.*\n.*payments/,
    )
    expect(parts['d fees']).toContain('day|date|||')
    expect(parts['d fees']).toContain('fees_charged|numeric|||')
    expect(parts['d+ fees']).toContain('Fees charged. Charges, plus and minus adjustments')
    expect(parts['dt']).toBe('')
    expect(parts['dn']).toContain('bi|')
    expect(parts['df']).toBe('')
    expect(parts['df date_trunc']).toContain('pg_catalog|date_trunc|')
    expect(parts['du']).not.toContain('postgres')
    expect(parts.cursor).toMatch(/^\d{4}-\d\d-\d\d\|\d+\n\d{4}-\d\d-\d\d\|\d+$/)
    expect(parts.prepared).toMatch(/^DE\|\d+$/)
    expect(parts.bind).toMatch(/^FR\|\d+$/)
    expect(parts.gdesc).toContain('charged|numeric')
    expect(stderr).toContain('There is no relation "mart.fact_fee"')
    expect(stderr).toContain('HINT:')
    expect(endpoint.problems).toEqual([])
  },
)

const PSQL = String.raw`
\echo == d
\d
\echo == d fees
\d fees
\echo == d+ fees
\d+ fees
\echo == dt
\dt
\echo == dn
\dn
\echo == df
\df
\echo == df date_trunc
\df date_trunc
\echo == du
\du
\echo == cursor
BEGIN;
DECLARE c CURSOR FOR SELECT day, COUNT(*) FROM fees WHERE day IS NOT NULL GROUP BY day ORDER BY day;
FETCH 2 FROM c;
CLOSE c;
COMMIT;
\echo == prepared
PREPARE by_marketplace (text) AS SELECT marketplace, COUNT(*) FROM fees WHERE marketplace = $1 GROUP BY 1;
EXECUTE by_marketplace ('DE');
DEALLOCATE by_marketplace;
\echo == bind
SELECT marketplace, COUNT(*) FROM fees WHERE marketplace = :'m' GROUP BY 1 \g
\echo == gdesc
SELECT marketplace, SUM(fees_charged) AS charged FROM fees GROUP BY 1 \gdesc
\echo == refusal
SELECT * FROM mart.fact_fee;
`.replace(":'m'", "'FR'")

test.skipIf(missing.jdbc)(
  `the JDBC driver finds the views and reads them${missing.jdbc && ` (to run it: apt-get install ${missing.jdbc})`}`,
  { timeout: 60_000 },
  async ({ endpoint }) => {
    const folder = await mkdtemp(join(tmpdir(), 'jdbc-'))
    await run('ecj', [
      '-11',
      '-nowarn',
      '-proc:none',
      '-d',
      folder,
      join(import.meta.dirname, 'Jdbc.java'),
    ])
    const database = new URL(endpoint.url('ana')).pathname
    const { stdout } = await run('java', [
      '-cp',
      `${folder}:/usr/share/java/postgresql.jar`,
      'Jdbc',
      `jdbc:postgresql://127.0.0.1:${endpoint.port}${database}?ApplicationName=test`,
      'ana',
      password,
    ])
    await rm(folder, { recursive: true })
    expect(answers(stdout)).toEqual(JSON.parse(await expected('jdbc')))
    expect(endpoint.problems).toEqual([])
  },
)

test.skipIf(missing.odbc)(
  `the ODBC driver finds the views and reads them${missing.odbc && ` (to run it: apt-get install ${missing.odbc})`}`,
  { timeout: 30_000 },
  async ({ endpoint }) => {
    const database = new URL(endpoint.url('ana')).pathname.slice(1)
    const { stdout } = await run('/usr/bin/python3', [
      join(import.meta.dirname, 'odbc.py'),
      `DRIVER={PostgreSQL Unicode};SERVER=127.0.0.1;PORT=${endpoint.port};DATABASE=${database};UID=ana;PWD=${password};UseDeclareFetch=1;Fetch=50`,
    ])
    expect(answers(stdout)).toEqual(JSON.parse(await expected('odbc')))
    expect(endpoint.problems).toEqual([])
  },
)

function expected(client: string) {
  return readFile(join(import.meta.dirname, `${client}.json`), 'utf8')
}
