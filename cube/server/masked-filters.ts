import type { CubejsServerCore } from '@cubejs-backend/server-core'
import { sightOf } from '../access/sight.ts'
import type { SecurityContext } from '../access/user.ts'

/**
 * Refuses a query that filters by what its asker sees masked or not at all. Cube compares the column
 * itself, so each such filter would tell whether a guess is right.
 */
export function refuseMaskedFilters(core: CubejsServerCore) {
  const gateway = core['apiGateway']()
  const load = gateway.load.bind(gateway)
  gateway.load = async (request) => {
    const { context, query, res } = request
    const requestStarted = new Date()
    try {
      const asked = [gateway['parseQueryParam'](query)].flat() as Asked[]
      await refuse(core, context.securityContext as SecurityContext, asked)
    } catch (e) {
      return gateway.handleError({ e, context, query, res, requestStarted })
    }
    return load(request)
  }
}

interface Asked {
  filters?: Condition[]
  segments?: unknown[]
}

interface Condition {
  member?: string
  /** As Cube's older clients say it. */
  dimension?: string
  and?: Condition[]
  or?: Condition[]
}

async function refuse(core: CubejsServerCore, context: SecurityContext, asked: Asked[]) {
  const names = asked.flatMap(({ filters = [], segments = [] }) => [
    ...filters.flatMap(membersIn),
    ...segments.filter((segment) => typeof segment === 'string'),
  ])
  for (const name of new Set(names)) {
    const [view = ''] = name.split('.')
    const { members, masked } = await sightOf(core, context, view)
    if (masked.has(name))
      throw usersOwn(
        `${name} is masked for you, so it cannot be filtered by: the answer would tell its value. ` +
          'Leave the filter out, or ask for a group that sees it (docs/access.md).',
      )
    if (!members.has(name))
      throw usersOwn(
        `You requested hidden member: '${name}' in a filter. Filter by what /v1/meta shows you.`,
      )
  }
}

function membersIn({ member, dimension, and = [], or = [] }: Condition): string[] {
  return [member, dimension, ...[...and, ...or].flatMap(membersIn)].filter(
    (name) => name !== undefined,
  )
}

/** The type by which Cube answers 400 and shows the sentence as it is. */
function usersOwn(sentence: string) {
  return Object.assign(new Error(sentence), { type: 'UserError' })
}
