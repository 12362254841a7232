import { type Command, Option } from 'commander'

import type { Which } from '../quarantine.ts'
import type { Format } from '../terminal/formats.ts'
import { examples, formatOption, wholeNumber } from '../terminal/options.ts'

/** What was set aside: quarantine list, show, replay, export. */
export function quarantineCommands(recoup: Command) {
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

  ofQuarantine('list', 'how many rows by feed and reason, and the newest files', {
    isDefault: true,
  })
    .description('How many rows were set aside by feed and reason, and the newest files.')
    .addOption(reasonOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples('npx recoup quarantine', 'npx recoup quarantine --feed fee_event'),
    )
    .action(async (options: Which & { format: Format }) => {
      const { list } = await import('../commands/quarantine/list.ts')
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
      const { show } = await import('../commands/quarantine/show.ts')
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
      const { replay } = await import('../commands/quarantine/replay.ts')
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
      const { exportRows } = await import('../commands/quarantine/export.ts')
      await exportRows(options)
    })
}
