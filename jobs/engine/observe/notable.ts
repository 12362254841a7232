import type { Level } from '../step-log.ts'
import { messageOf } from '../errors.ts'
import type { Ending, Outcome } from './ending.ts'

/** A line that people who look into a step want to read. */
export interface NotableLine {
  level: Level
  message: string
  data?: object
}

/** What is out of the ordinary about an attempt. One that simply worked has nothing to tell. */
export function notableLines(ending: Ending): NotableLine[] {
  return [...warnings(ending), ...refusals(ending), ...misfortune(ending)]
}

function warnings({ verdicts }: Ending): NotableLine[] {
  return verdicts
    .filter(({ check, broken }) => broken > 0 && check.severity === 'warning')
    .map(({ asset, check, broken, sample }) => ({
      level: 'warn',
      message:
        `${asset}: ${broken.toLocaleString('en')} ${broken === 1 ? 'row breaks' : 'rows break'} ` +
        `the rule "${check.name}" (${check.because}).`,
      data: { check: check.name, broken, first: sample[0] },
    }))
}

/** Files that a feed's intake would not take. */
function refusals({ materialized }: Ending): NotableLine[] {
  return materialized.flatMap(({ asset, metadata }) => {
    const { refused = [] } = metadata as { refused?: { file: string; reason: string }[] }
    return refused.map(({ file, reason }) => ({
      level: 'warn' as const,
      message: `${asset}: ${file} was refused. ${reason}`,
      data: { file },
    }))
  })
}

function misfortune(ending: Ending): NotableLine[] {
  const { outcome, step, worker, error, delayMs } = ending
  const { attempt } = step
  const data = { attempt, worker, ...(outcome === 'retried' && { delayMs }) }
  const said: Partial<Record<Outcome, [Level, string]>> = {
    retried: ['warn', `Attempt ${attempt} failed and is made again ${later(delayMs)}: `],
    failed: ['error', ''],
    released: ['info', `Attempt ${attempt} was interrupted and given back. `],
    abandoned: [
      'warn',
      `Worker ${worker} ended without a word during attempt ${attempt}. Made again at once.`,
    ],
  }
  const found = said[outcome]
  if (!found) return []
  const [level, words] = found
  return [{ level, message: words + (error === undefined ? '' : messageOf(error)), data }]
}

function later(delayMs = 0): string {
  return delayMs > 0 ? `in ${(delayMs / 1000).toLocaleString('en')} s` : 'at once'
}
