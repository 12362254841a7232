import type { Command } from 'commander'

import type { ExportOptions } from '../commands/export.ts'
import type { Typed } from '../kpis/question.ts'
import type { Format } from '../terminal/formats.ts'
import { examples, formatOption } from '../terminal/options.ts'

/** What comes out: kpi, export. */
export function numberCommands(recoup: Command) {
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
      const { kpi } = await import('../commands/kpi.ts')
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
      const { exportRows } = await import('../commands/export.ts')
      process.exitCode = await exportRows(name, options)
    })
}
