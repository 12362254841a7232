import type { Command } from 'commander'

import type { Format } from '../terminal/formats.ts'
import { examples, formatOption } from '../terminal/options.ts'

/** What is wrong, and who is told: alerts list, test. */
export function alertCommands(recoup: Command) {
  const alerts = recoup
    .command('alerts')
    .summary('what is wrong now, and whether people could be told')
    .description(
      'What is wrong now, and what people could not be told of it. Without a word behind it: list.\n' +
        'Where alerts go: docs/alerts.md',
    )
    .addHelpText('after', examples('npx recoup alerts', 'npx recoup alerts test'))

  alerts
    .command('list', { isDefault: true })
    .summary('what is wrong now, and what could not be delivered')
    .description('What is wrong now, and what people could not be told of it.')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', examples('npx recoup alerts', 'npx recoup alerts --format json'))
    .action(async (options: { format: Format }) => {
      const { listAlerts } = await import('../commands/alerts.ts')
      await listAlerts(options)
    })

  alerts
    .command('test')
    .summary('one notice through every channel')
    .description('Sends one notice through every channel. Exit code 1 when one could not be sent.')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', examples('npx recoup alerts test'))
    .action(async (options: { format: Format }) => {
      const { testAlerts } = await import('../commands/alerts.ts')
      process.exitCode = await testAlerts(options)
    })
}
