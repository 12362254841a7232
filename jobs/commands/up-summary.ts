import { join } from 'node:path'

import { signToken } from '#cube/server/sign-token.ts'

import type { Home } from '../home.ts'
import { isSmall } from '../kpis/catalogue.ts'
import { cubeClient } from '../kpis/cube-client.ts'
import { type Headline, headlines } from '../kpis/headlines.ts'
import { readTargets } from '../kpis/targets.ts'
import { readWatermarks } from '../kpis/watermarks.ts'
import { bad, bold, faint, good } from '../terminal/colour.ts'
import { indent, table } from '../terminal/table.ts'
import { display, displayGap } from '../terminal/values.ts'
import type { Works } from '../worker.ts'
import { quarantineLines } from './quarantine/list.ts'

/** The table of KPIs, read through Cube's REST API as any other client would. */
export async function printHeadlines({ pool }: Works, cubeUrl: string, secret: string) {
  const cube = cubeClient(cubeUrl, signToken(secret, { groups: ['admin'], marketplaces: 'all' }))
  const [watermarks, targets] = await Promise.all([readWatermarks(pool), readTargets(pool)])
  const rows = await headlines(cube, watermarks, targets)
  if (rows.length === 0)
    return console.log('  No events are loaded yet, so there is no KPI to show.')
  const columns = [
    { title: 'KPI' },
    { title: 'Value', align: 'right' as const },
    { title: 'Basis' },
    { title: 'Of' },
    { title: 'Target', align: 'right' as const },
    { title: 'Gap' },
    { title: 'n', align: 'right' as const },
  ]
  console.log(indent(table(columns, rows.map(cellsOf))))
  if (rows.some(({ kpi, denominator }) => isSmall(denominator, kpi)))
    console.log(faint('\n  Greyed: out of fewer than 30, so the rate says little.'))
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

function cellsOf({ kpi, when, value, target, standing, denominator }: Headline): string[] {
  const cells = [
    kpi.title,
    display(value, kpi.unit),
    faint(kpi.basis.replace('_', ' ')),
    when,
    target === null ? '' : display(target, kpi.unit),
    standing ? standingWords(standing, kpi.unit) : '',
    // A sum of money is no number of cases.
    denominator === null || kpi.denominatorUnit !== 'count'
      ? ''
      : faint(compact.format(Number(denominator))),
  ]
  return isSmall(denominator, kpi) ? cells.map((cell) => faint(cell)) : cells
}

function standingWords({ isMet, gap }: { isMet: boolean; gap: number }, unit: string): string {
  return isMet ? good(`✓ ${displayGap(gap, unit)}`) : bad(`✗ ${displayGap(gap, unit)}`)
}

/** How many rows were set aside, and why. */
export async function printQuarantine({ db }: Works) {
  const lines = await quarantineLines(db)
  console.log(`\n${bold('Rows set aside')}\n`)
  console.log(lines === null ? '  None.' : indent(lines))
}

/** Where to ask. */
export function printAddresses(
  { cubeUrl, exportUrl, sqlPort }: { cubeUrl: string; exportUrl: string; sqlPort: number },
  databaseUrl: string,
  home: Home,
) {
  const { hostname, port, username, pathname } = new URL(databaseUrl)
  const isEmbedded = !process.env.DATABASE_URL
  const psql = `psql -h ${hostname} -p ${port || 5432} -U ${username} ${pathname.slice(1)}`
  const password = `PGPASSWORD=$(cat ${join(home.postgres, 'password')})`
  const rows = [
    ['Cube REST', `${cubeUrl}/v1`],
    ['Cube GraphQL', `${cubeUrl}/graphql`],
    ['Files', `${exportUrl}/mart.fact_fee?format=arrow`],
    ['SQL for BI', `127.0.0.1:${sqlPort}, database recoup, for the users of: npx recoup users`],
    ['API token', 'npx recoup token'],
    ['Postgres', isEmbedded ? `${password} ${psql}` : psql],
  ]
  console.log(`\n${bold('Addresses')}\n`)
  for (const [name = '', address] of rows) console.log(`  ${name.padEnd(14)}${address}`)
}

/** What to type next. */
export function printNext() {
  const commands = [
    ['npx recoup kpi recovery_cash_rate --by marketplace', 'a KPI by what you like'],
    ['npx recoup kpi', 'every KPI'],
    ['npx recoup quarantine', 'rows that were set aside'],
    ['npx recoup ingest <file> --as <feed>', 'data of your own'],
  ]
  console.log(`\n${bold('Next')}\n`)
  for (const [command = '', what] of commands)
    console.log(`  ${command.padEnd(54)}${faint(what ?? '')}`)
  console.log('\nCtrl-C stops Recoup.')
}
