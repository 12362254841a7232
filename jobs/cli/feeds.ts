import type { Command } from 'commander'

import type { IngestOptions } from '../commands/ingest.ts'
import type { ValidateOptions } from '../commands/validate.ts'
import type { Format } from '../terminal/formats.ts'
import { examples, fileFormatOption, formatOption, readFormats } from '../terminal/options.ts'

/** What comes in: ingest, validate, pull, contracts. */
export function feedCommands(recoup: Command) {
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
      const { ingest } = await import('../commands/ingest.ts')
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
      const { validate } = await import('../commands/validate.ts')
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
      const { pullFeeds } = await import('../commands/pull.ts')
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
      const { contracts } = await import('../commands/contracts.ts')
      contracts(feed, options)
    })
}
