/** How a value comes from a column: handed on as it is, or worked out of it. */
export type How = 'direct' | 'computed'

/** Where a value comes from: columns of tables that are read, as `raw.fee.currency`. */
export interface Origin {
  from: ReadonlyMap<string, How>
  /** Why there may be fewer columns than it says. */
  approximate: readonly string[]
  /** Why there may be other columns than it says. */
  unresolved: readonly string[]
}

/** A constant comes from nowhere. */
export const nowhere: Origin = { from: new Map(), approximate: [], unresolved: [] }

/** A column of a table that is read. */
export function column(name: string): Origin {
  return { ...nowhere, from: new Map([[name, 'direct']]) }
}

export function unresolved(reason: string): Origin {
  return { ...nowhere, unresolved: [reason] }
}

export function approximately(origin: Origin, reason: string): Origin {
  return { ...origin, approximate: [...new Set([...origin.approximate, reason])] }
}

/** What is worked out of several values. */
export function computedFrom(origins: readonly Origin[]): Origin {
  const merged = oneOf(origins)
  return { ...merged, from: new Map([...merged.from.keys()].map((name) => [name, 'computed'])) }
}

/** What is now one value and now the other, as in a union. */
export function oneOf(origins: readonly Origin[]): Origin {
  const from = new Map<string, How>()
  for (const origin of origins)
    for (const [name, how] of origin.from)
      from.set(name, from.get(name) === 'computed' ? 'computed' : how)
  return {
    from,
    approximate: [...new Set(origins.flatMap(({ approximate }) => approximate))],
    unresolved: [...new Set(origins.flatMap((origin) => origin.unresolved))],
  }
}
