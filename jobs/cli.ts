#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

import { Command, CommanderError, Option } from 'commander'

import { alertCommands } from './cli/alerts.ts'
import { biCommands } from './cli/bi.ts'
import { engineCommands } from './cli/engine.ts'
import { feedCommands } from './cli/feeds.ts'
import { lineageCommand } from './cli/lineage.ts'
import { numberCommands } from './cli/numbers.ts'
import { quarantineCommands } from './cli/quarantine.ts'
import { scheduleCommands } from './cli/schedule.ts'
import { serviceCommands } from './cli/services.ts'
import { auditCommand, userCommands } from './cli/users.ts'
import type { UpOptions } from './commands/up.ts'
import type { Format } from './terminal/formats.ts'
import { exitCodes, report, wantsStacks } from './terminal/mistakes.ts'
import { examples, formatOption, wholeNumber } from './terminal/options.ts'
import { survivePipes } from './terminal/pipes.ts'

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
  .option(
    '--sql-port <n>',
    'port of SQL for BI tools; 15432 when left out',
    wholeNumber('--sql-port'),
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

feedCommands(recoup)
numberCommands(recoup)
quarantineCommands(recoup)

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

recoup.commandsGroup('What runs:')
engineCommands(recoup)
scheduleCommands(recoup)
lineageCommand(recoup)
alertCommands(recoup)

recoup.commandsGroup('Who sees what:')
userCommands(recoup)
auditCommand(recoup)

recoup.commandsGroup('For programs:')
serviceCommands(recoup)
biCommands(recoup)

survivePipes()

try {
  await recoup.parseAsync()
} catch (error) {
  // Commander has printed its own words: help, version, or what it did not understand.
  if (error instanceof CommanderError) process.exitCode = error.exitCode && exitCodes.usage
  else process.exitCode = report(error, { verbose: wantsStacks() })
}
