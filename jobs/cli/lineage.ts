import { type Command, Option } from 'commander'

import type { LineageOptions } from '../commands/lineage.ts'
import { lineageFormats } from '../lineage/formats.ts'
import { examples } from '../terminal/options.ts'

/** `recoup lineage`: what derives from what. */
export function lineageCommand(recoup: Command) {
  recoup
    .command('lineage')
    .summary('what derives from what, down to columns')
    .description(
      'What derives from what, from the feeds to the cubes, down to columns. No warehouse is needed.',
    )
    .argument('[asset]', 'a table or cube, with or without its schema; all when left out')
    .addOption(
      new Option('--format <format>', 'how to print it').choices(lineageFormats).default('table'),
    )
    .option('--columns', 'where each column comes from')
    .option('--column <column>', 'trace one column back to the feeds')
    .addHelpText(
      'after',
      examples(
        'npx recoup lineage fact_fee',
        'npx recoup lineage fact_fee --format mermaid',
        'npx recoup lineage --column fact_fee.principal_90_eur',
      ),
    )
    .action(async (asset: string | undefined, options: LineageOptions) => {
      const { lineage } = await import('../commands/lineage.ts')
      lineage(asset, options)
    })
}
