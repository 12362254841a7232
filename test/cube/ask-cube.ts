/** A question to Cube's REST API, as https://docs.cube.dev/reference/rest-api/query-format has it. */
export interface CubeQuery {
  measures?: string[]
  dimensions?: string[]
  timeDimensions?: {
    dimension: string
    granularity?: string
    dateRange?: string | [from: string, to: string]
  }[]
  filters?: CubeFilter[]
  segments?: string[]
  order?: [member: string, direction: 'asc' | 'desc'][]
  limit?: number
  offset?: number
  timezone?: string
  /** Rows as they are, not summed up. */
  ungrouped?: boolean
}

export type CubeFilter =
  | { member: string; operator: string; values?: string[] }
  | { and: CubeFilter[] }
  | { or: CubeFilter[] }

/** One row of an answer: members by their full name; numbers are decimal strings. */
export type CubeRow = Record<string, string | boolean | null>

/** Where to ask, and as whom. */
export interface CubeAddress {
  url: string
  token: string
}

/** The rows that answer a query, however long Cube takes; fails with Cube's own sentence. */
export async function askCube(cube: CubeAddress, query: CubeQuery): Promise<CubeRow[]> {
  for (;;) {
    const answer = await post(cube, { query })
    if (answer.data) return answer.data
    if (answer.error !== 'Continue wait') throw new Error(`Cube: ${answer.error}`)
  }
}

async function post({ url, token }: CubeAddress, body: unknown) {
  const response = await fetch(`${url}/v1/load`, {
    method: 'POST',
    headers: { authorization: token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { data?: CubeRow[]; error?: string }
}
