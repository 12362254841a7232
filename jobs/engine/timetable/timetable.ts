import type { Asset } from '#kit/asset.ts'

import type { Unit } from '../graph.ts'
import { select } from '../selection.ts'
import { requireTiming } from './cron.ts'
import type { Schedule, Sensor } from './definition.ts'

/** A schedule or sensor with the units that it means. */
export type Selecting<Definition> = Definition & { units: readonly Unit[] }

/** All that runs by itself, found to be in order. */
export interface Timetable {
  schedules: readonly Selecting<Schedule>[]
  sensors: readonly Selecting<Sensor>[]
}

/** Reads jobs/schedule.ts; what is wrong with it is refused here, before anything runs. */
export function timetableOf(
  definitions: readonly (Schedule | Sensor)[],
  assets: readonly Asset[],
): Timetable {
  const names = definitions.map(({ name }) => name)
  const twice = names.find((name, place) => names.indexOf(name) < place)
  if (twice) throw wrong(twice, 'is the name of two of them. Rename one.')
  const schedules: Selecting<Schedule>[] = []
  const sensors: Selecting<Sensor>[] = []
  for (const definition of definitions) {
    const { name } = definition
    try {
      requireInOrder(definition)
      const units = select(definition.select, assets)
      if (definition.kind === 'schedule') schedules.push({ ...definition, units })
      else sensors.push({ ...definition, units })
    } catch (cause) {
      throw wrong(name, `cannot be: ${(cause as Error).message}`, cause)
    }
  }
  return { schedules, sensors }
}

function requireInOrder(definition: Schedule | Sensor): void {
  const { kind, name } = definition
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new Error(`a name is lower-case letters, digits and hyphens, such as daily-facts.`)
  if (kind === 'schedule') requireTiming(definition)
  else if (!(definition.everySeconds > 0 && definition.everySeconds < 1e9))
    throw new Error(`everySeconds is ${definition.everySeconds}; expected a number above 0.`)
}

function wrong(name: string, what: string, cause?: unknown): Error {
  return new Error(`jobs/schedule.ts: "${name}" ${what}`, { cause })
}
