import type { Command } from 'commander'

import type { QuickSightOptions, TableauOptions } from '../commands/bi.ts'
import { examples, wholeNumber } from '../terminal/options.ts'

/** For BI tools: data sources generated from the views. */
export function biCommands(recoup: Command) {
  const bi = recoup
    .command('bi')
    .summary('ready-made data sources for Tableau and QuickSight')
    .description('Ready-made data sources for Tableau and QuickSight, generated from the views.')

  addressed(bi.command('tableau'))
    .summary('a .tds file per view')
    .description(
      'A .tds file per view: connection, titles, descriptions, folders, hierarchies, formats and how\n' +
        'each measure is aggregated. See docs/bi/tableau.md.',
    )
    .addHelpText(
      'after',
      examples(
        'npx recoup bi tableau --host bi.example.com --out tableau',
        'npx recoup bi tableau --check',
      ),
    )
    .action(async (options: TableauOptions) => {
      const { tableau } = await import('../commands/bi.ts')
      process.exitCode = await tableau(options)
    })

  addressed(bi.command('quicksight'))
    .summary('data source, data sets and a starter dashboard')
    .description(
      'The data source, a data set per view and a starter dashboard, as JSON for the AWS command line and\n' +
        'as one asset bundle; --apply creates or updates them. See docs/bi/quicksight.md.',
    )
    .option('--account-id <id>', 'AWS account that they are for')
    .option('--region <region>', 'AWS region, such as eu-central-1')
    .option('--apply', 'create or update them, with your AWS credentials')
    .option('--spice', 'with --apply: the data sets that SPICE keeps as well')
    .option('--principal <arn>', 'with --apply: QuickSight user or group that owns what is new')
    .option('--secret-arn <arn>', 'with --apply: secret that says who connects to the endpoint')
    .option('--user <name>', 'with --apply: who connects; the password is in RECOUP_BI_PASSWORD')
    .addHelpText(
      'after',
      examples(
        'npx recoup bi quicksight --host bi.example.com --account-id 111122223333 --region eu-central-1 --out quicksight',
        'npx recoup bi quicksight --apply --host bi.example.com --account-id 111122223333 --region eu-central-1 \\\n' +
          '    --principal arn:aws:quicksight:eu-central-1:111122223333:user/default/ana --user quicksight',
        'npx recoup bi quicksight --check',
      ),
    )
    .action(async (options: QuickSightOptions) => {
      const { quicksight } = await import('../commands/bi.ts')
      process.exitCode = await quicksight(options)
    })
}

function addressed(command: Command): Command {
  return command
    .option('--out <folder>', 'where to; without it the files of this project are renewed')
    .option('--check', 'write nothing; fail where a file differs from what would be written')
    .option('--host <name>', 'where the SQL endpoint is; localhost when left out')
    .option('--port <n>', 'its port; 15432 when left out', wholeNumber('--port'))
    .option('--database <name>', 'its database; recoup when left out')
    .option('--tls', 'connect with TLS, as is usual for any host but localhost')
    .option('--no-tls', 'connect without TLS')
}
