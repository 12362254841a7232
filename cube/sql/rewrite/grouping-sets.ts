import type { Node } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { type Key, keyOf } from './keys.ts'
import type { View } from './model.ts'
import { inside } from './tree.ts'

/** Every expression that a GROUP BY names, also inside ROLLUP, CUBE and GROUPING SETS. */
export function groupKeys(groupBy: Node[]): Node[] {
  return groupBy.flatMap((item) => {
    const content = inside(item, 'GroupingSet')?.content ?? inside(item, 'RowExpr')?.args
    if (content) return groupKeys(content)
    return 'GroupingSet' in item ? [] : [item]
  })
}

/** The sets of keys to group by: one, or for ROLLUP and the like many. At most 64. */
export function groupingSets(groupBy: Node[], keys: Map<string, Key>, view: View): Set<string>[] {
  const keyed = (node: Node): Set<string> =>
    new Set(
      groupKeys([node]).flatMap((one) => {
        const key = keyOf(one, view, '')
        return key && keys.has(key.fingerprint) ? [key.fingerprint] : []
      }),
    )
  const sets = groupBy.map((item) => setsOf(item, keyed)).reduce(everyPair, [new Set<string>()])
  if (sets.length > 64)
    throw new Refusal(`GROUP BY makes ${sets.length} grouping sets; at most 64 are answered.`, {
      code: '54001',
    })
  return sets
}

function setsOf(item: Node, keyed: (node: Node) => Set<string>): Set<string>[] {
  const set = inside(item, 'GroupingSet')
  if (!set) return [keyed(item)]
  const content = set.content ?? []
  const parts = content.map(keyed)
  if (set.kind === 'GROUPING_SET_EMPTY') return [new Set()]
  if (set.kind === 'GROUPING_SET_SETS') return content.flatMap((one) => setsOf(one, keyed))
  if (set.kind === 'GROUPING_SET_ROLLUP')
    return [...parts.keys(), parts.length]
      .map((length) => union(parts.slice(0, length)))
      .toReversed()
  if (set.kind === 'GROUPING_SET_CUBE')
    return parts
      .reduce(
        (sets, part) => [...sets, ...sets.map((one) => union([one, part]))],
        [new Set<string>()],
      )
      .toReversed()
  return [union(parts)]
}

function everyPair(left: Set<string>[], right: Set<string>[]): Set<string>[] {
  return left.flatMap((one) => right.map((other) => union([one, other])))
}

function union(sets: Set<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]))
}
