import { setTimeout as sleep } from 'node:timers/promises'

/** A measure or dimension as `/v1/meta` describes it. */
export interface CubeMember {
  /** With its view: `fees.fees_charged`. */
  name: string
  shortTitle: string
  description?: string
  type: string
  meta?: Record<string, unknown>
}

export interface CubeView {
  name: string
  title: string
  measures: CubeMember[]
  dimensions: CubeMember[]
}

/** What `/v1/load` is asked. */
export interface CubeQuery {
  measures: string[]
  dimensions?: string[]
  timeDimensions?: { dimension: string; dateRange?: [string, string]; granularity?: string }[]
  filters?: { member: string; operator: 'equals'; values: string[] }[]
  order?: [string, 'asc' | 'desc'][]
}

/** One row of an answer: numbers are exact decimals as text. */
export type CubeRow = Record<string, string | boolean | null>

/** Cube's REST API, with the token of whoever asks. */
export interface CubeClient {
  views(): Promise<CubeView[]>
  load(query: CubeQuery): Promise<CubeRow[]>
}

/** A client for the API at `url`, such as http://127.0.0.1:4000/cubejs-api. */
export function cubeClient(url: string, token: string): CubeClient {
  const post = async (path: string, body?: object) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: token, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as { error?: string } & Record<string, unknown>
  }
  const ask = async (path: string, body?: object) => {
    for (;;) {
      const answer = await post(path, body)
      if (answer.error === undefined) return answer
      // Cube's word for "still computing, ask again".
      if (answer.error !== 'Continue wait') throw new Error(`Cube refused: ${answer.error}`)
      await sleep(50)
    }
  }
  return {
    views: async () => {
      const { cubes } = (await ask('meta')) as unknown as { cubes: CubeView[] }
      return cubes
    },
    load: async (query) => {
      const { data } = (await ask('load', { query })) as unknown as { data: CubeRow[] }
      return data
    },
  }
}
