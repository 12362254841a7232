import type { Command } from 'commander'

import type { Format } from '../terminal/formats.ts'
import { examples, formatOption } from '../terminal/options.ts'

/** `recoup schedule`: what runs by itself, and when. */
export function scheduleCommands(recoup: Command) {
  const schedule = recoup
    .command('schedule')
    .summary('what runs by itself, when, and what came of it')
    .description(
      'What runs by itself, when, and what came of it. Without a word behind it: list.\n' +
        'The timetable is jobs/schedule.ts.',
    )
    .addHelpText(
      'after',
      examples('npx recoup schedule', 'npx recoup schedule pause before-the-office'),
    )

  schedule
    .command('list', { isDefault: true })
    .summary('schedules and sensors, when they are due, and how they ended last')
    .description('Schedules and sensors, when they are due, and how they ended last.')
    .addOption(formatOption(['table', 'json']))
    .action(async (options: { format: Format }) => {
      const { listSchedule } = await import('../commands/schedule.ts')
      await listSchedule(options)
    })

  const ofOne = (name: string, summary: string) =>
    schedule
      .command(name)
      .summary(summary)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .argument('<name>', 'a schedule or sensor')

  ofOne('run', 'make now what it would make').action(async (name: string) => {
    const { runSchedule } = await import('../commands/schedule.ts')
    await runSchedule(name)
  })
  ofOne('pause', 'let it rest until it is resumed').action(async (name: string) => {
    const { pauseSchedule } = await import('../commands/schedule.ts')
    await pauseSchedule(name)
  })
  ofOne('resume', 'let it go on; what it missed is not made up for').action(
    async (name: string) => {
      const { resumeSchedule } = await import('../commands/schedule.ts')
      await resumeSchedule(name)
    },
  )
}
