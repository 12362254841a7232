#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

import { Command, CommanderError, Option } from 'commander'

import type { ExportOptions } from './commands/export.ts'
import type { IngestOptions } from './commands/ingest.ts'
import type { UpOptions } from './commands/up.ts'
import type { ValidateOptions } from './commands/validate.ts'
import type { WorkerCommand } from './commands/worker.ts'
import type { Typed } from './kpis/question.ts'
import type { Which } from './quarantine.ts'
import type { Format } from './terminal/formats.ts'
import { exitCodes, report, wantsStacks } from './terminal/mistakes.ts'
import {
  examples,
  fileFormatOption,
  formatOption,
  readFormats,
  wholeNumber,
} from './terminal/options.ts'

const packageJson = join(import.meta.dirname, '..', 'package.json')
const { version } = JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string }

// What a command loads is compiled once and kept for the next.
enableCompileCache()

/** Only the command that was typed loads its code: help answers in a sixth of a second. */
const recoup = new Command('recoup')
  .description('Marketplace payment operations, from raw events to numbers a business signs.')
  .version(version)
  .option('--verbose', 'show where in the code an error comes from')
  .exitOverride()
  .configureHelp({ helpWidth: 100 })
  .showHelpAfterError('For help: recoup --help')
  .addHelpText('after', examples('npm start', 'npx recoup kpi recovery_cash_rate'))
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 not understood.')

recoup.commandsGroup('Every day:')

recoup
  .command('up')
  .summary('start Recoup: warehouse, jobs and Cube')
  .description('Starts Recoup: warehouse, jobs and Cube. An empty one gets demo data.')
  .option('--exit', 'end after the table of KPIs')
  .addOption(
    new Option('--preset <size>', 'size of the demo').choices(['demo', 'small']).default('demo'),
  )
  .option('--seed <n>', 'another demo, as reproducible', wholeNumber('--seed'), 1)
  .option('--no-demo', 'leave an empty warehouse empty')
  .option('--port <n>', "Cube's port; a free one when left out", wholeNumber('--port'))
  .option(
    '--export-port <n>',
    'port of exports; a free one when left out',
    wholeNumber('--export-port'),
  )
  .addHelpText(
    'after',
    examples('npm start', 'npm start -- --exit', 'npx recoup up --preset small --seed 7'),
  )
  .action(async (options: UpOptions) => {
    const { up } = await import('./commands/up.ts')
    process.exitCode = await up(options)
    // The thread that makes the demo cannot be asked to stop; all else is closed by now.
    if (process.exitCode === exitCodes.interrupted) process.exit()
  })

recoup
  .command('ingest')
  .summary('load files of a feed, and rebuild what derives from them')
  .description(
    'Loads files of a feed, and rebuilds what derives from them. Rows that break the contract are\n' +
      'set aside with their reason and do not stop the rest: exit code 0, and recoup quarantine lists\n' +
      'them. A file that cannot be read as the feed at all is refused: exit code 1. A file that was\n' +
      'loaded before changes nothing. A load that was stopped goes on where it was.',
  )
  .argument('<file...>', "files, patterns such as 'fees-*.csv', or - for standard input")
  .requiredOption('--as <feed>', 'which feed they are; recoup contracts lists them')
  .addOption(fileFormatOption())
  .option('--quiet', 'say nothing but what was refused')
  .option('--json', 'print the result as JSON')
  .addHelpText('after', `\n${readFormats}`)
  .addHelpText(
    'after',
    examples(
      'npx recoup ingest fees-2026-10.csv fees-2026-11.csv.gz --as fee_event',
      "npx recoup ingest 'export/*.parquet' --as payment_event --quiet",
      'curl https://example.org/fees | npx recoup ingest - --as fee_event',
    ),
  )
  .action(async (files: string[], options: IngestOptions) => {
    const { ingest } = await import('./commands/ingest.ts')
    process.exitCode = await ingest(files, options)
  })

recoup
  .command('validate')
  .summary('judge files of a feed without loading them')
  .description(
    'Judges files of a feed without loading them; no warehouse is needed. Exit code 0: every row would\n' +
      'be accepted. 1: rows would be set aside, or a file be refused.',
  )
  .argument('<file...>', "files, patterns such as 'fees-*.csv', or - for standard input")
  .requiredOption('--as <feed>', 'which feed they are; recoup contracts lists them')
  .addOption(fileFormatOption())
  .option('--quiet', 'say nothing but why a file is refused')
  .option('--json', 'print the result as JSON')
  .addHelpText('after', `\n${readFormats}`)
  .addHelpText(
    'after',
    examples(
      'npx recoup validate fees-2026-10.csv --as fee_event',
      'npx recoup validate fees-2026-10.csv --as fee_event --json',
    ),
  )
  .action(async (files: string[], options: ValidateOptions) => {
    const { validate } = await import('./commands/validate.ts')
    process.exitCode = await validate(files, options)
  })

recoup
  .command('pull')
  .summary('fetch what is new at the origins of feeds, and load it')
  .description(
    'Fetches what is new at the origins of feeds (buckets, databases, APIs, folders), loads it and\n' +
      'rebuilds what derives from it. While recoup up runs, this happens by itself. Exit code 1 when\n' +
      'an origin could not be read or a file was refused; what came is loaded all the same.',
  )
  .argument('[feed...]', 'only these; all that have an origin when left out')
  .option('--again', 'forget how far the origins were read; rows that are known change nothing')
  .addOption(formatOption(['table', 'json']))
  .addHelpText('after', examples('npx recoup pull', 'npx recoup pull fee_event --format json'))
  .action(async (feeds: string[], options: { again?: boolean; format: Format }) => {
    const { pullFeeds } = await import('./commands/pull.ts')
    process.exitCode = await pullFeeds(feeds, options)
  })

recoup
  .command('contracts')
  .summary('what a feed must look like, with an example')
  .description('What a feed must look like, with an example.')
  .argument('[feed]', 'one feed; lists them all when left out')
  .addOption(formatOption(['table', 'json']))
  .addHelpText('after', examples('npx recoup contracts', 'npx recoup contracts fee_event'))
  .action(async (feed: string | undefined, options: { format: Format }) => {
    const { contracts } = await import('./commands/contracts.ts')
    contracts(feed, options)
  })

recoup
  .command('kpi')
  .summary('the value of a KPI, asked of Cube')
  .description(
    'The value of a KPI, asked of Cube. Without days: everything there is; for a state such as\n' +
      'outstanding, the newest.',
  )
  .argument('[name]', 'a KPI, or a family such as decline_mix; lists all KPIs when left out')
  .option('--by <dimensions>', 'split it, such as marketplace,week')
  .option('--where <condition...>', 'only a slice, such as marketplace=DE,FR')
  .option('--week <week>', 'an ISO week such as 2026-W40')
  .option('--from <day>', 'first day, such as 2026-10-01')
  .option('--to <day>', 'last day')
  .addOption(formatOption())
  .addHelpText(
    'after',
    examples(
      'npx recoup kpi',
      'npx recoup kpi recovery_cash_rate --week 2027-W04 --by marketplace',
      'npx recoup kpi decline_mix --from 2026-10-01 --to 2026-12-31 --by partner --format csv',
      'npx recoup kpi authorisation_rate_payment --by week --where marketplace=DE --format json',
    ),
  )
  .action(async (name: string | undefined, options: Typed & { format: Format }) => {
    const { kpi } = await import('./commands/kpi.ts')
    await kpi(name, options)
  })

recoup
  .command('export')
  .summary('a table or a KPI as Arrow, Parquet, CSV or NDJSON')
  .description(
    'A table of the warehouse, or the answer to a question about a KPI, as a typed file: integers,\n' +
      'exact decimals, days and instants stay what they are. Goes to standard output without -o.',
  )
  .argument('<name>', 'a table such as mart.fact_fee, or a KPI such as recovery_cash_rate')
  .option('-o, --output <file>', 'where to; its ending says the format')
  .option('--format <format>', 'arrow, arrow-stream, parquet, csv or ndjson')
  .option('--compression <how>', 'none, zstd, gzip or snappy, as the format allows')
  .option('--columns <columns>', 'of a table only these, such as fee_id,currency')
  .option('--where <condition...>', 'only a slice, such as marketplace=DE,FR')
  .option('--by <dimensions>', 'split a KPI, such as marketplace,week')
  .option('--week <week>', 'of a KPI: an ISO week such as 2026-W40')
  .option('--from <day>', 'of a KPI: first day, such as 2026-10-01')
  .option('--to <day>', 'of a KPI: last day')
  .addHelpText(
    'after',
    examples(
      'npx recoup export mart.fact_fee -o fees.parquet',
      'npx recoup export raw.fee_event --where source=billing -o events.csv.gz',
      'npx recoup export recovery_cash_rate --by marketplace,week -o recovery.arrow',
      'npx recoup export mart.dim_seller --format ndjson | head',
    ),
  )
  .action(async (name: string, options: ExportOptions) => {
    const { exportRows } = await import('./commands/export.ts')
    process.exitCode = await exportRows(name, options)
  })

const quarantine = recoup
  .command('quarantine')
  .summary('rows that were set aside: find, understand, mend, replay')
  .description(
    'Rows that broke the contract of their feed, each with its file, line, text and reason.\n' +
      'Without a word behind it: list.',
  )
  .addHelpText(
    'after',
    examples(
      'npx recoup quarantine',
      'npx recoup quarantine show --feed fee_event --reason currency',
      'npx recoup quarantine export --feed fee_event -o mend.csv',
      'npx recoup ingest mend.csv --as fee_event',
    ),
  )

/** A command on the part of the quarantine that its options say. */
function ofQuarantine(name: string, summary: string, { isDefault = false } = {}): Command {
  return quarantine
    .command(name, { isDefault })
    .summary(summary)
    .option('--feed <feed>', 'only this feed')
    .option('--file <name>', 'only this file, by the name it was ingested with')
}

const reasonOption = () =>
  new Option('--reason <words>', 'only rows whose reason has these words in it')

ofQuarantine('list', 'how many rows by feed and reason, and the newest files', { isDefault: true })
  .description('How many rows were set aside by feed and reason, and the newest files.')
  .addOption(reasonOption())
  .addOption(formatOption())
  .addHelpText('after', examples('npx recoup quarantine', 'npx recoup quarantine --feed fee_event'))
  .action(async (options: Which & { format: Format }) => {
    const { list } = await import('./commands/quarantine/list.ts')
    await list(options)
  })

ofQuarantine('show', 'the rows, each with its place, text and reason')
  .description(
    'The rows, each with its place, text and reason. With names of rows: their cells in full.',
  )
  .argument('[row...]', 'names of rows, such as 12:345')
  .addOption(reasonOption())
  .option('--limit <n>', 'at most so many rows', wholeNumber('--limit'), 100)
  .addOption(formatOption())
  .addHelpText(
    'after',
    examples('npx recoup quarantine show --file fees.csv', 'npx recoup quarantine show 12:345'),
  )
  .action(async (rows: string[], options: Which & { limit: number; format: Format }) => {
    const { show } = await import('./commands/quarantine/show.ts')
    await show(rows, options)
  })

ofQuarantine('replay', 'judge the rows again, after the contract was changed')
  .description(
    'Judges the rows again by the present contract. What is accepted lands with its file and line, and\n' +
      'what derives from it is made anew; what is not stays, with its present reason.',
  )
  .addOption(formatOption(['table', 'json']))
  .addHelpText(
    'after',
    examples('npx recoup quarantine replay', 'npx recoup quarantine replay --feed fee_event'),
  )
  .action(async (options: Which & { format: Format }) => {
    const { replay } = await import('./commands/quarantine/replay.ts')
    await replay(options)
  })

ofQuarantine('export', 'the rows as CSV in the shape of their feed, to be mended')
  .description(
    'The rows of one feed as CSV in its own shape, to be mended in a spreadsheet and ingested again.\n' +
      'The column quarantine_row says which row a line is: once it is accepted, that row is no longer\n' +
      'set aside. An apostrophe before = + - or @ keeps a spreadsheet from running the cell; ingest\n' +
      'takes it off again.',
  )
  .addOption(reasonOption())
  .option('-o, --output <file>', 'a new file; standard output when left out')
  .addHelpText(
    'after',
    examples(
      'npx recoup quarantine export --feed fee_event -o mend.csv',
      'npx recoup ingest mend.csv --as fee_event',
    ),
  )
  .action(async (options: Which & { output?: string }) => {
    const { exportRows } = await import('./commands/quarantine/export.ts')
    await exportRows(options)
  })

recoup
  .command('status')
  .summary('what runs, how far the data reaches, what is stale')
  .description('What runs, how far the data reaches, what is stale.')
  .addOption(formatOption(['table', 'json']))
  .addHelpText('after', examples('npx recoup status', 'npx recoup status --format json'))
  .action(async (options: { format: Format }) => {
    const { status } = await import('./commands/status.ts')
    await status(options)
  })

recoup
  .command('doctor')
  .summary('whether this machine has what Recoup needs')
  .description('Whether this machine has what Recoup needs. Fails when something is missing.')
  .addOption(formatOption(['table', 'json']))
  .addHelpText('after', examples('npx recoup doctor'))
  .action(async (options: { format: Format }) => {
    const { doctor } = await import('./commands/doctor.ts')
    process.exitCode = await doctor(options)
  })

recoup.commandsGroup('For programs:')

recoup
  .command('token')
  .summary("a token for Cube's API, good for a day")
  .description("A token for Cube's API, good for a day.")
  .addHelpText('after', examples('curl -H "Authorization: $(npx recoup token)" <Cube REST>/meta'))
  .action(async () => {
    const { token } = await import('./commands/token.ts')
    token()
  })

recoup
  .command('worker')
  .summary('take steps until stopped, for a warehouse shared by several machines')
  .description('Takes steps until stopped. Any number may, on a warehouse given by DATABASE_URL.')
  .option(
    '--grace <seconds>',
    'for steps under way to end once stopped',
    wholeNumber('--grace'),
    30,
  )
  .option(
    '--ops-port <n>',
    'answer /healthz, /readyz and /metrics there',
    wholeNumber('--ops-port'),
  )
  .option('--ops-host <address>', 'where to answer them', '127.0.0.1')
  .addHelpText('after', examples('DATABASE_URL=postgres://... npx recoup worker --ops-port 9464'))
  .action(async (options: WorkerCommand) => {
    const { worker } = await import('./commands/worker.ts')
    process.exitCode = await worker(options)
  })

recoup
  .command('receive')
  .summary('an endpoint for feeds that are sent, POST /hooks/<feed>')
  .description(
    'Takes what is sent to the feeds that have a webhook, signed, and answers once it is on disk.\n' +
      'Needs no warehouse: the next recoup up or recoup pull loads what came.',
  )
  .option('--host <address>', 'where to listen', '127.0.0.1')
  .option('--port <n>', 'port', wholeNumber('--port'), 4100)
  .addHelpText('after', examples('npx recoup receive --port 4100'))
  .action(async (options: { host: string; port: number }) => {
    const { receive } = await import('./commands/receive.ts')
    await receive(options)
  })

recoup
  .command('serve')
  .summary('Cube and exports, for a warehouse shared by several machines')
  .description('Cube and exports, over a warehouse that workers fill. Needs CUBEJS_API_SECRET.')
  .option('--host <address>', 'where to listen', '127.0.0.1')
  .option('--port <n>', "Cube's port", wholeNumber('--port'), 4000)
  .option('--export-port <n>', 'port of exports', wholeNumber('--export-port'), 4001)
  .addHelpText('after', examples('npx recoup serve --port 4000'))
  .action(async (options: { host: string; port: number; exportPort: number }) => {
    const { serve } = await import('./commands/serve.ts')
    await serve(options)
  })

// Whoever reads what is printed may have seen enough, as head does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await recoup.parseAsync()
} catch (error) {
  // Commander has printed its own words: help, version, or what it did not understand.
  if (error instanceof CommanderError) process.exitCode = error.exitCode && exitCodes.usage
  else process.exitCode = report(error, { verbose: wantsStacks() })
}
