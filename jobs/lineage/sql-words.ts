/** Words that Postgres keeps for itself: unquoted, none of them names a column. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
  create current_catalog current_date current_role current_time current_timestamp current_user default
  deferrable desc distinct do else end except false fetch for foreign from grant group having in
  initially intersect into lateral leading limit localtime localtimestamp not null offset on only or
  order placing primary references returning select session_user some symmetric system_user table then
  to trailing true union unique user using variadic when where window with authorization binary
  collation concurrently cross current_schema freeze full ilike inner is isnull join left like natural
  notnull outer overlaps right similar tablesample verbose between`.split(/\s+/),
)

export function isReserved(word: string): boolean {
  return reserved.has(word)
}

/** Words that are no names where they follow each other. */
const pairs = new Set(
  `at time|time zone|partition by|order by|group by|nulls first|nulls last|rows between|range between
  |rows unbounded|range unbounded|between unbounded|between current|unbounded preceding
  |unbounded following|current row|and unbounded|and current|double precision|character varying`
    .split('|')
    .map((pair) => pair.trim()),
)

/** Whether a word is part of the grammar, by its neighbours: `time` in `at time zone`. */
export function isSyntax(before: string, word: string, after: string): boolean {
  return pairs.has(`${before} ${word}`.toLowerCase()) || pairs.has(`${word} ${after}`.toLowerCase())
}
