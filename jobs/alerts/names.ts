/** The ways to tell people, each with the variable that switches it on. */
const switches = {
  webhook: 'RECOUP_ALERT_WEBHOOK',
  slack: 'RECOUP_ALERT_SLACK',
  mail: 'RECOUP_ALERT_MAIL',
} as const

export type ChannelName = keyof typeof switches

export const channelVariables = Object.values(switches)

/** The channels that are switched on, whether or not they are set up right. */
export function channelNames(env: NodeJS.ProcessEnv = process.env): ChannelName[] {
  const names = Object.keys(switches) as ChannelName[]
  return names.filter((name) => env[switches[name]]?.trim())
}
