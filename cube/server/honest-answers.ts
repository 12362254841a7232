import type { CubejsServerCore } from '@cubejs-backend/server-core'
import type { Freshen } from './freshness.ts'

/** What an answer of this Cube must keep to, whichever API it was asked by. */
export interface Honesty {
  maxRows: number
  freshen: Freshen
}

/**
 * Refuses an answer that would be cut off, where Cube would send its first rows as if they were
 * all; and never answers from before the last change of the warehouse, where Cube would serve its
 * cache and its rollups once more and renew them for whoever asks next.
 */
export function answerHonestly(core: CubejsServerCore, honesty: Honesty) {
  const { maxRows, freshen } = honesty

  // REST and GraphQL share this one door. It is protected, and still the smallest place to stand at.
  const gateway = core['apiGateway']()
  const load = gateway.load.bind(gateway)
  gateway.load = async (request) => {
    await freshen()
    return load({
      ...request,
      // Waits for the rollups of this version.
      cacheMode: request.cacheMode ?? 'must-revalidate',
      res: (message, extra) => {
        for (const rows of rowCounts(message)) if (rows > maxRows) throw cutOff(maxRows)
        return request.res(message, extra)
      },
    })
  }
}

function rowCounts(message: object): number[] {
  if (!('getResults' in message)) return []
  const results = (message as { getResults(): { getArray(): unknown[] }[] }).getResults()
  return results.map((result) => result.getArray().length)
}

function cutOff(maxRows: number) {
  const sentence =
    `The answer has more than ${maxRows.toLocaleString('en-US')} rows and is refused rather than ` +
    'cut off. Ask for fewer dimensions or a shorter period, or page through it with your own ' +
    '"order", "limit" and "offset".'
  // The type by which Cube answers 400 and shows the sentence as it is.
  return Object.assign(new Error(sentence), { type: 'UserError' })
}
