import { channelsOf } from '../alerts/channels.ts'
import { type OpenAlert, openAlerts, type Undelivered, undeliveredNotices } from '../alerts/list.ts'
import { channelVariables } from '../alerts/names.ts'
import { sendTestNotice } from '../alerts/test-notice.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { interruption } from '../postgres/interruption.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, bold, good, notable } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { table } from '../terminal/table.ts'
import { displayCount, displayInstant } from '../terminal/values.ts'
import { openWorks } from '../worker.ts'

/** `recoup alerts list`: what is wrong now, and what people were not told of it. */
export async function listAlerts({ format }: { format: Format }) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const alerts = await openAlerts(works.db)
    const undelivered = await undeliveredNotices(works.db)
    if (format === 'json') return console.log(json({ alerts, undelivered }))
    console.log(alerts.length > 0 ? alertTable(alerts) : good('Nothing is wrong.'))
    if (undelivered.length > 0)
      console.log(`\n${bold('Not delivered')}\n${undeliveredTable(undelivered)}`)
  })
}

/** `recoup alerts test`: one notice through every channel; the result is the exit code. */
export async function testAlerts({ format }: { format: Format }): Promise<number> {
  const channels = channelsOf()
  if (channels.length === 0)
    throw new Error(
      `No alert goes anywhere: none of ${channelVariables.join(', ')} is set. How: docs/alerts.md`,
    )
  using interrupted = interruption()
  const tested = await sendTestNotice(channels, interrupted)
  if (format === 'json') console.log(json(tested))
  else
    for (const { channel, to, error, remark } of tested) {
      const end = error === null ? good('sent') : bad(error)
      console.log(`${bold(channel.padEnd(9))}${to}: ${end}${remark ? `. ${notable(remark)}` : ''}`)
    }
  return tested.every(({ error }) => error === null) ? exitCodes.ok : exitCodes.failed
}

function alertTable(alerts: readonly OpenAlert[]): string {
  const columns = [
    { title: '' },
    { title: 'Since' },
    { title: 'Seen', align: 'right' as const },
    { title: 'What', width: 60 },
    { title: 'Run' },
  ]
  const rows = alerts.map(({ severity, raised_at: since, times, title, about, calm_at: calm }) => [
    calm ? good('over?') : severity === 'error' ? bad('error') : notable('warning'),
    displayInstant(since),
    displayCount(times),
    calm ? `${title} (over, and told so at ${displayInstant(calm)} unless it comes back)` : title,
    about.run === undefined ? '' : String(about.run),
  ])
  return table(columns, rows)
}

function undeliveredTable(notices: readonly Undelivered[]): string {
  const columns = [
    { title: 'Channel' },
    { title: 'Tries', align: 'right' as const },
    { title: 'Next' },
    { title: 'What', width: 40 },
    { title: 'Why', width: 60 },
  ]
  const rows = notices.map(({ channel, tries, state, due_at: due, title, error }) => [
    channel,
    displayCount(tries),
    state === 'given up' ? bad('given up') : displayInstant(due),
    title,
    error ?? 'nobody sends: recoup up and recoup worker do',
  ])
  return table(columns, rows)
}
