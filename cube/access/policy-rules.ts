import {
  finding,
  shownBy,
  type Entity,
  type Finding,
  type Model,
  type Rule,
} from '../lint/model.ts'
import { POLICY_GROUPS } from './groups.ts'

/** Who sees what must be said by every view, and so that Cube does as it reads. */
export const policyRules: Rule[] = [
  viewsDecideWhoSees,
  policiesNameKnownGroups,
  listedMarketplacesAreTheRows,
  masksTakeEffect,
]

/** One policy of a view: whom it grants which members, masked members and rows. */
interface Policy {
  group?: string
  groups?: string[]
  member_level?: { excludes?: string[] }
  member_masking?: { includes?: '*' | string[] }
  row_level?: { filters?: object[] }
}

/** A policy on the cube alone does not apply to a query that touches no member of that cube. */
function viewsDecideWhoSees({ views }: Model): Finding[] {
  return views
    .filter(({ access_policy }) => !access_policy?.length)
    .map((view) => finding(view, 'has no access_policy, so everyone sees everything in it.'))
}

/** Cube takes a policy without a group, or with the group "*", for everyone's. */
function policiesNameKnownGroups({ views }: Model): Finding[] {
  return eachPolicy(views).flatMap(({ view, policy }) => {
    const names = groupsOf(policy)
    if (names.length === 0) return [finding(view, 'has a policy without a group, for everyone.')]
    return names
      .filter((name) => !POLICY_GROUPS.includes(name))
      .map((name) =>
        finding(
          view,
          `has a policy for "${name}", which is no group. Groups are ${POLICY_GROUPS.join(', ')}.`,
        ),
      )
  })
}

const LISTED_ROWS = JSON.stringify([
  { member: 'marketplace', operator: 'equals', values: '{ securityContext.marketplaces }' },
])

/** A policy without rows shows all of them, whatever its group is called. */
function listedMarketplacesAreTheRows({ views, cubes }: Model): Finding[] {
  return eachPolicy(views).flatMap(({ view, policy }) => {
    const names = groupsOf(policy)
    const listed = names.find((name) => name.endsWith(':listed'))
    if (listed && JSON.stringify(policy.row_level?.filters) !== LISTED_ROWS)
      return [
        finding(
          view,
          `grants ${listed} other rows than those where marketplace equals ` +
            "'{ securityContext.marketplaces }'.",
        ),
      ]
    const hasMarketplace = shownBy(view, cubes).shown.some(({ name }) => name === 'marketplace')
    return names.includes('anyone') && hasMarketplace
      ? [finding(view, 'grants anyone every marketplace.')]
      : []
  })
}

/** Cube shows a member that is both granted and masked. */
function masksTakeEffect({ views, cubes }: Model): Finding[] {
  return eachPolicy(views).flatMap(({ view, policy }) => {
    const hidden = policy.member_level?.excludes ?? []
    const masked = policy.member_masking?.includes ?? []
    const names = masked === '*' ? ['*'] : masked
    const maskable = new Set(
      shownBy(view, cubes)
        .shown.filter(({ mask }) => mask !== undefined)
        .map(({ name }) => name),
    )
    return names.flatMap((name) => [
      ...(hidden.includes(name)
        ? []
        : [finding(view, 'is masked and not among the excludes of member_level, so shown.', name)]),
      ...(maskable.has(name) ? [] : [finding(view, 'is masked and has no mask.', name)]),
    ])
  })
}

function eachPolicy(views: Entity[]): { view: Entity; policy: Policy }[] {
  return views.flatMap((view) =>
    (view.access_policy ?? []).map((policy) => ({ view, policy: policy as Policy })),
  )
}

function groupsOf({ group, groups = [] }: Policy) {
  return group === undefined ? groups : [group, ...groups]
}
