import { type Cube, type CubeOptions, startCube } from '#cube/server/start-cube.ts'
import type { SecurityContext } from '#cube/access/user.ts'
import { signToken } from '#cube/server/sign-token.ts'
import { test as base } from '#test/kit/database.ts'

/** A Cube of one test, with what the tests ask it by. */
export interface TestCube extends Cube {
  /** Of someone who sees every marketplace. */
  token: string
  tokenFor(context: SecurityContext): string
  /** Cube's description of the views, as BI tools read it; of those that somebody sees. */
  views(context?: SecurityContext): Promise<ViewMeta[]>
  /** What an operator would have been told. */
  problems: string[]
}

interface ViewMeta {
  name: string
  measures: { name: string }[]
  dimensions: { name: string }[]
  segments: { name: string }[]
}

const secret = 'not a secret'

export async function openCube(options: Omit<CubeOptions, 'secret'>): Promise<TestCube> {
  const problems: string[] = []
  const cube = await startCube({
    onProblem: (problem) => problems.push(problem),
    secret,
    ...options,
  })
  const tokenFor = (context: SecurityContext) => signToken(secret, context)
  const token = tokenFor({ groups: ['admin'], marketplaces: 'all' })
  const views = async (context?: SecurityContext) => {
    const authorization = context ? tokenFor(context) : token
    const response = await fetch(`${cube.url}/v1/meta`, { headers: { authorization } })
    return ((await response.json()) as { cubes: ViewMeta[] }).cubes
  }
  return { ...cube, token, tokenFor, views, problems }
}

/** The warehouse of one test, with this project's Cube over it. */
export const test = base.extend('cube', async ({ url }, { onCleanup }) => {
  const cube = await openCube({ databaseUrl: url })
  onCleanup(() => cube.close())
  return cube
})
