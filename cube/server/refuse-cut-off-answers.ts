import type { CubejsServerCore } from '@cubejs-backend/server-core'

/**
 * Makes an answer of more than `maxRows` rows an error. Cube itself would send the first rows as if
 * they were all; the environment lets one row too many through, and here it is noticed.
 */
export function refuseCutOffAnswers(core: CubejsServerCore, maxRows: number) {
  // Protected, and still the one door that REST and GraphQL share.
  const gateway = core['apiGateway']()
  const load = gateway.load.bind(gateway)
  gateway.load = (request) =>
    load({
      ...request,
      res: (message, extra) => {
        for (const rows of rowCounts(message)) if (rows > maxRows) throw cutOff(maxRows)
        return request.res(message, extra)
      },
    })
}

function rowCounts(message: object): number[] {
  if (!('getResults' in message)) return []
  const { getResults } = message as { getResults(): { getArray(): unknown[] }[] }
  return getResults.call(message).map((result) => result.getArray().length)
}

function cutOff(maxRows: number) {
  const sentence =
    `The answer has more than ${maxRows.toLocaleString('en-US')} rows and is refused rather than ` +
    'cut off. Ask for fewer dimensions or a shorter period, or page through it with your own ' +
    '"order", "limit" and "offset".'
  // The type by which Cube answers 400 and shows the sentence as it is.
  return Object.assign(new Error(sentence), { type: 'UserError' })
}
