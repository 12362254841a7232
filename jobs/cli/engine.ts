import { type Command, Option } from 'commander'

import type { BackfillOptions } from '../commands/backfill.ts'
import type { Control } from '../commands/control.ts'
import type { LogsOptions } from '../commands/logs.ts'
import type { RunOptions } from '../commands/run.ts'
import type { RunsOptions } from '../commands/runs.ts'
import { logLevels, onlyWhich, runStates } from '../engine/states.ts'
import type { Format } from '../terminal/formats.ts'
import { examples, formatOption, names, wholeNumber } from '../terminal/options.ts'

const selections =
  'A selection is: fact_fee; +fact_fee with all it reads; fact_fee+ with all that derives from it;\n' +
  "'fact_*'; tag:fees; owner:finance; path:models/fees; several of these."

const partitions =
  'Partitions are called as in recoup assets <name>: 2026-11-28, 2026-W48, 2026-11, DE, DE/2026-11-28.\n' +
  'A range takes days, weeks or months, whatever the table itself has, and means the expected partitions\n' +
  'that overlap it. What is not partitioned is materialized whole.'

const tableOrJson = () => formatOption(['table', 'json'])
const runNumber = wholeNumber('<run>')

/** What is materialized, when and how: assets, run, backfill, runs, logs, cancel, workers. */
export function engineCommands(recoup: Command) {
  recoup
    .command('assets')
    .summary('every feed and table: what is there, missing, stale, failed')
    .description(
      'Every feed and table: what is there, missing, stale or failed, and why. One alone, called by its\n' +
        'name, in detail: partitions, what it reads and who reads it, checks with rows that break them.',
    )
    .argument('[selection...]', 'which; all when left out')
    .addOption(tableOrJson())
    .addHelpText('after', `\n${selections}`)
    .addHelpText(
      'after',
      examples(
        'npx recoup assets',
        'npx recoup assets fact_fee',
        'npx recoup assets +fact_fee --format json',
      ),
    )
    .action(async (words: string[], options: { format: Format }) => {
      const { assets } = await import('../commands/assets.ts')
      await assets(words, options)
    })

  const run = recoup
    .command('run')
    .summary('materialize what is stale, or what is selected')
    .description(
      'Materializes what is stale and all that derives from it; with a selection, that and nothing else,\n' +
        'stale or not. Waits for the end: exit code 1 when a step failed. If no worker is alive, this process\n' +
        'is one until then. Ctrl-C stops the waiting, not the run: what this process was loading is given\n' +
        'back, and the next worker goes on. To end a run: recoup cancel.',
    )
    .argument('[selection...]', 'which; what is stale when left out')
    .addOption(partitionsOption('--partition <keys>'))
  howToRun(narrowing(run))
    .option(
      '--from-failure <run>',
      'what this run did not get done: failed, skipped or cancelled steps',
      wholeNumber('--from-failure'),
    )
    .addHelpText('after', `\n${selections}\n\n${partitions}`)
    .addHelpText(
      'after',
      examples(
        'npx recoup run',
        'npx recoup run --dry-run',
        'npx recoup run fact_fee+',
        'npx recoup run fact_fee --partition 2026-11-28',
        'npx recoup run --from-failure 12',
      ),
    )
    .action(async (words: string[], { partition, ...options }: RunTyped) => {
      const { run: start } = await import('../commands/run.ts')
      process.exitCode = await start(words, {
        ...options,
        ...(partition && { partitions: partition }),
      })
    })

  const backfill = recoup
    .command('backfill')
    .usage(
      '<selection...> [options]\n       recoup backfill pause | resume | cancel | status <run>',
    )
    .summary('materialize partitions of the past, behind live work')
    .description(
      'Materializes partitions of the past: so many steps at once, and behind live work. Says what it will\n' +
        'do and does it. Waits like recoup run; a backfill that is left goes on with any worker.',
    )
    .argument('[selection...]', 'which')
  howToRun(narrowing(backfill))
    .addOption(partitionsOption('--partitions <keys>'))
    .option(
      '--batch <n>',
      'partitions in a step; what each table says when left out',
      wholeNumber('--batch'),
    )
    .option('--at-once <n>', 'steps at once', wholeNumber('--at-once'), 50)
    .addHelpText('after', `\n${selections}\n\n${partitions}`)
    .addHelpText(
      'after',
      examples(
        'npx recoup backfill fact_fee --from 2026-01 --to 2026-03 --dry-run',
        'npx recoup backfill fact_fee --from 2026-01-01 --only missing --at-once 10',
        'npx recoup backfill fact_fee --partitions 2026-01-05,2026-01-07',
        'npx recoup backfill pause 12',
      ),
    )
    .action(async (words: string[], options: BackfillOptions) => {
      const { backfill: start } = await import('../commands/backfill.ts')
      process.exitCode = await start(words, options)
    })
  const controls: [Control, string][] = [
    ['pause', 'start no more of its steps; those that run go on to their end'],
    ['resume', 'let a paused run go on'],
    ['cancel', 'end a run; what is loading is rolled back, what is loaded stays'],
    ['status', 'how far it is, how fast, and for how long still'],
  ]
  for (const [name, summary] of controls) controlCommand(backfill, name, name, summary)

  recoup
    .command('runs')
    .summary('the newest runs, or one with its steps')
    .description(
      'The newest runs: what was asked for, how far they are, what they wait for. Or one in detail.',
    )
    .argument('[run]', 'one, by its number', runNumber)
    .option('--limit <n>', 'at most so many', wholeNumber('--limit'), 20)
    .addOption(new Option('--state <state>', 'only these').choices(runStates))
    .addOption(tableOrJson())
    .addHelpText(
      'after',
      examples('npx recoup runs', 'npx recoup runs --state failed', 'npx recoup runs 12'),
    )
    .action(async (id: number | undefined, options: RunsOptions) => {
      const { runs } = await import('../commands/runs.ts')
      await runs(id, options)
    })

  recoup
    .command('logs')
    .summary('what happened in a run, in the order of time')
    .description(
      'What happened in a run, in the order of time (UTC): steps that started, ended, failed or were tried\n' +
        'again, and what their code wrote down. As JSON: one object a line.',
    )
    .argument('<run>', 'its number; recoup runs lists them', runNumber)
    .option('--follow', 'go on until the run has ended')
    .option('--step <asset>', 'only of this one')
    .addOption(new Option('--level <level>', 'at least as bad as this').choices(logLevels))
    .addOption(tableOrJson())
    .addHelpText(
      'after',
      examples(
        'npx recoup logs 12',
        'npx recoup logs 12 --follow --step fact_fee',
        'npx recoup logs 12 --level warn --format json',
      ),
    )
    .action(async (id: number, options: LogsOptions) => {
      const { logs } = await import('../commands/logs.ts')
      process.exitCode = await logs(id, options)
    })

  controlCommand(
    recoup,
    'cancel',
    'cancel',
    'end a run; what is loading is rolled back, what is loaded stays',
  )

  recoup
    .command('workers')
    .summary('who takes steps, and what each does now')
    .description(
      'Who takes steps, and what each does now. One that is gone stays on the list for an hour.',
    )
    .addOption(tableOrJson())
    .addHelpText('after', examples('npx recoup workers', 'npx recoup workers --format json'))
    .action(async (options: { format: Format }) => {
      const { workers } = await import('../commands/workers.ts')
      await workers(options)
    })
}

type RunTyped = Omit<RunOptions, 'partitions'> & { partition?: readonly string[] }

function partitionsOption(flags: string): Option {
  return new Option(flags, 'these, with commas between them').argParser(names(flags))
}

/** Which partitions. */
function narrowing(command: Command): Command {
  return command
    .option('--from <period>', 'from this day, week or month')
    .option('--to <period>', 'to this one, included')
    .addOption(
      new Option(
        '--only <which>',
        'missing: never materialized; stale: those, and what is older than what it reads',
      ).choices(onlyWhich),
    )
}

function howToRun(command: Command): Command {
  return command
    .option('--dry-run', 'say what would run, and start nothing')
    .option('--detach', 'do not wait')
    .addOption(tableOrJson())
}

/** A command that does something to a run. */
function controlCommand(parent: Command, name: string, what: Control, summary: string) {
  const path = parent.parent ? `${parent.name()} ${name}` : name
  parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .argument('<run>', 'its number; recoup runs lists them', runNumber)
    .addOption(tableOrJson())
    .addHelpText('after', examples(`npx recoup ${path} 12`))
    .action(async (id: number, _own: object, command: Command) => {
      const { control } = await import('../commands/control.ts')
      // Commander gives an option that the parent has, too, to the parent.
      await control(what, id, command.optsWithGlobals<{ format: Format }>())
    })
}
