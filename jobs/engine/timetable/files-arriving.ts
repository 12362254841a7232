import { createHash } from 'node:crypto'

import { type Sensor, sensor } from './definition.ts'
import { listing } from './listing.ts'

/**
 * Sees files that come or change anywhere below a folder, hidden ones aside. What is there the first
 * time counts as having come; a file that goes is noticed like one that comes.
 */
export function filesArriving(
  definition: Omit<Sensor, 'kind' | 'look' | 'description'> & {
    folder: string
    description?: string
  },
): Sensor {
  const { folder, ...rest } = definition
  return sensor<string>({
    description: `Files below ${folder}`,
    ...rest,
    async look({ cursor }) {
      const now = createHash('sha256')
        .update(await listing(folder))
        .digest('hex')
      return { cursor: now, due: now !== cursor, reason: `files came into ${folder}` }
    },
  })
}
