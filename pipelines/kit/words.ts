/** Small helpers for messages that name what was found, what is allowed, and the nearest match. */

const most = 12

/** 'EUR, USD, JPY and 39 more'. */
export function listed(words: readonly string[]): string {
  if (words.length <= most) return words.join(', ')
  return `${words.slice(0, most).join(', ')} and ${words.length - most} more`
}

/** The allowed words, the most similar to `found` first. */
export function nearestFirst(found: string, allowed: readonly string[]): string[] {
  const distances = new Map(allowed.map((word) => [word, distance(found, word)]))
  return [...allowed].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0))
}

/** The one allowed word that was probably meant. */
export function meant(found: string, allowed: readonly string[]): string | undefined {
  const [nearest] = nearestFirst(found, allowed)
  if (nearest === undefined) return undefined
  return distance(found, nearest) <= Math.floor(nearest.length / 3) ? nearest : undefined
}

/** Edits (insert, delete, replace a letter) from one word to the other; case and punctuation do not count. */
function distance(left: string, right: string): number {
  const [a, b] = [plain(left), plain(right)]
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function plain(word: string): string {
  return word
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}

/** A value as a message shows it: quoted and cut. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= 80 ? text : `${text.slice(0, 77)}..."`
}
