import type { CubejsServerCore } from '@cubejs-backend/server-core'
import type { SecurityContext } from './user.ts'

/** What somebody sees of one view, by full names such as `fees.seller_id`. */
export interface Sight {
  members: Set<string>
  /** Of those, which are shown as their mask, whatever their value. */
  masked: Set<string>
}

/** What somebody sees of a view, as Cube's own policies say it; nothing of a view that is not granted. */
export async function sightOf(
  core: CubejsServerCore,
  securityContext: SecurityContext,
  view: string,
): Promise<Sight> {
  const context = { securityContext, requestId: 'access' }
  const compilerApi = await core.getCompilerApi(context)
  const compilers = await compilerApi.getCompilers()
  const { cubeEvaluator } = compilers
  const nothing = { members: new Set<string>(), masked: new Set<string>() }
  if (!cubeEvaluator.cubeExists(view)) return nothing
  const cube = cubeEvaluator.cubeFromPath(view)
  if (!cube.isView) return nothing

  const policies: Policy[] = await compilerApi['getApplicablePolicies'](cube, context, compilers)
  const all = [cube.dimensions, cube.measures, cube.segments].flatMap((of) => Object.keys(of ?? {}))
  const full = all.map((name) => `${view}.${name}`)
  const seen = new Set(full.filter((name) => policies.some((policy) => shows(policy, name))))
  const masked = full.filter(
    (name) => !seen.has(name) && policies.some(({ memberMasking }) => covers(memberMasking, name)),
  )
  return { members: new Set([...seen, ...masked]), masked: new Set(masked) }
}

/**
 * The members of a view that somebody sees masked. Their values must not be found out by filters
 * either: Cube compares the column itself.
 */
export async function maskedMembers(
  core: CubejsServerCore,
  context: SecurityContext,
  view: string,
): Promise<Set<string>> {
  return (await sightOf(core, context, view)).masked
}

interface Members {
  includesMembers: string[]
  excludesMembers: string[]
}

interface Policy {
  memberLevel?: Members
  memberMasking?: Members
}

function shows({ memberLevel }: Policy, name: string) {
  return memberLevel === undefined || covers(memberLevel, name)
}

function covers(members: Members | undefined, name: string) {
  if (members === undefined) return false
  return members.includesMembers.includes(name) && !members.excludesMembers.includes(name)
}
