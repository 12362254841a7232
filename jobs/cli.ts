#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Command, CommanderError, Option } from 'commander'

import type { Typed } from './kpis/question.ts'
import { asFormat, formats, type Format } from './terminal/formats.ts'
import { exitCodes, report, UsageError, wantsStacks } from './terminal/mistakes.ts'

/** Every command of `recoup`. Each loads its own code only when it is the one that was typed. */
function commands(): Command {
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'),
  ) as { version: string }

  const recoup = new Command('recoup')
    .description('Marketplace payment operations, from raw events to numbers a business signs.')
    .version(version)
    .option('--verbose', 'show where in the code an error comes from')
    .exitOverride()
    .showHelpAfterError('For help: recoup --help')
    .addHelpText('after', exampleText(['npm start', 'npx recoup kpi recovery_cash_rate']))
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 not understood.')

  add(recoup, 'up', 'start Recoup: warehouse, jobs and Cube, with demo data when it is empty', [
    'npm start',
    'npm start -- --exit',
    'npx recoup up --preset small --seed 7',
  ])
    .option('--exit', 'end after the table of KPIs')
    .addOption(
      new Option('--preset <size>', 'size of the demo').choices(['demo', 'small']).default('demo'),
    )
    .option('--seed <n>', 'another demo, as reproducible', wholeNumber('--seed'), 1)
    .option('--no-demo', 'leave an empty warehouse empty')
    .option('--port <n>', 'port of Cube; a free one when left out', wholeNumber('--port'))
    .action(
      async (options: {
        exit?: true
        preset: string
        seed: number
        demo: boolean
        port?: number
      }) => {
        const { up } = await import('./commands/up.ts')
        process.exitCode = await up(options)
      },
    )

  add(recoup, 'ingest', 'load files of a feed and rebuild what depends on them', [
    'npx recoup ingest fees-2026-10.csv fees-2026-11.csv.gz --as fee_event',
    'npx recoup ingest eurofxref-hist.csv.gz --as fx_rate',
  ])
    .argument('<file...>', 'CSV or NDJSON, also gzipped')
    .requiredOption('--as <feed>', 'which feed they are; recoup contracts lists them')
    .addHelpText(
      'after',
      '\nRows that break the contract are set aside with their reason and do not stop the rest:' +
        '\nexit code 0, and recoup quarantine lists them. A file that cannot be read as the feed' +
        '\nat all is refused: exit code 1. A file that was loaded before changes nothing.',
    )
    .action(async (files: string[], options: { as: string }) => {
      const { ingest } = await import('./commands/ingest.ts')
      process.exitCode = await ingest(files, options)
    })

  add(recoup, 'contracts', 'what a feed must look like, with an example', [
    'npx recoup contracts',
    'npx recoup contracts fee_event',
  ])
    .argument('[feed]', 'one feed; all of them when left out')
    .option(
      ...formatOption('table or json'),
      (word: string) => asFormat(word, ['table', 'json']),
      'table',
    )
    .action(async (feed: string | undefined, options: { format: Format }) => {
      const { contracts } = await import('./commands/contracts.ts')
      contracts(feed, options)
    })

  add(recoup, 'kpi', 'the value of a KPI, asked of Cube', [
    'npx recoup kpi',
    'npx recoup kpi recovery_cash_rate --week 2027-W04 --by marketplace',
    'npx recoup kpi decline_mix --from 2026-10-01 --to 2026-12-31 --by partner --format csv',
    'npx recoup kpi authorisation_rate_payment --by week --where marketplace=DE --format json',
  ])
    .argument('[name]', 'a KPI, or a family such as decline_mix; lists all KPIs when left out')
    .option('--by <dimensions>', 'split it, such as marketplace,week')
    .option('--where <condition...>', 'only a slice, such as marketplace=DE,FR')
    .option('--week <week>', 'an ISO week such as 2026-W40')
    .option('--from <day>', 'first day, such as 2026-10-01')
    .option('--to <day>', 'last day')
    .option(...formatOption(), (word: string) => asFormat(word), 'table')
    .addHelpText(
      'after',
      '\nWithout days: everything there is; for a state such as outstanding, the newest.',
    )
    .action(async (name: string | undefined, options: Typed & { format: Format }) => {
      const { kpi } = await import('./commands/kpi.ts')
      await kpi(name, options)
    })

  add(recoup, 'quarantine', 'rows that were set aside, and why', [
    'npx recoup quarantine',
    'npx recoup quarantine --feed fee_event --format csv',
  ])
    .option('--feed <feed>', 'only this feed')
    .option('--limit <n>', 'at most so many rows', wholeNumber('--limit'), 100)
    .option(...formatOption(), (word: string) => asFormat(word), 'table')
    .action(async (options: { feed?: string; limit: number; format: Format }) => {
      const { quarantine } = await import('./commands/quarantine.ts')
      await quarantine(options)
    })

  add(recoup, 'status', 'what runs, how far the data reaches, what is stale', ['npx recoup status'])
    .option(
      ...formatOption('table or json'),
      (word: string) => asFormat(word, ['table', 'json']),
      'table',
    )
    .action(async (options: { format: Format }) => {
      const { status } = await import('./commands/status.ts')
      await status(options)
    })

  add(recoup, 'doctor', 'whether this machine has what Recoup needs', ['npx recoup doctor'])
    .option(
      ...formatOption('table or json'),
      (word: string) => asFormat(word, ['table', 'json']),
      'table',
    )
    .action(async (options: { format: Format }) => {
      const { doctor } = await import('./commands/doctor.ts')
      process.exitCode = await doctor(options)
    })

  return recoup
}

function add(recoup: Command, name: string, summary: string, examples: string[]): Command {
  return recoup
    .command(name)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .addHelpText('after', exampleText(examples))
}

function exampleText(examples: string[]): string {
  return `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`
}

function formatOption(allowed: string = formats.join(', ')): [string, string] {
  return ['--format <format>', `how to print it: ${allowed}`]
}

function wholeNumber(option: string) {
  return (typed: string) => {
    if (/^\d{1,9}$/.test(typed)) return Number(typed)
    throw new UsageError(`${option} ${typed} is not a whole number.`)
  }
}

try {
  await commands().parseAsync()
} catch (error) {
  // Commander has printed its own words: help, version, or what it did not understand.
  if (error instanceof CommanderError) process.exitCode = error.exitCode && exitCodes.usage
  else process.exitCode = report(error, { verbose: wantsStacks() })
}
