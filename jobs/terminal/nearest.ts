/** The names most like a mistyped one, best first; none when nothing comes close. */
export function nearest(typed: string, names: readonly string[], most = 3): string[] {
  const wanted = typed.toLowerCase()
  return names
    .map((name) => ({ name, distance: distanceTo(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.ceil(wanted.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name)
}

/** `Did you mean a or b? ` or nothing: the middle of a sentence about an unknown name. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const found = nearest(typed, names)
  return found.length ? `Did you mean ${found.join(' or ')}? ` : ''
}

/** Part of a name costs little: "overturn" means overturn_rate. Else Levenshtein's distance. */
function distanceTo(typed: string, name: string): number {
  if (typed.length > 2 && name.includes(typed)) return 1 - typed.length / (name.length + 1)
  let row = Array.from({ length: name.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...typed].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...name].entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
