import { meant } from '#kit/words.ts'

/** `Did you mean a or b? ` or nothing: the middle of a sentence about an unknown name. */
export function didYouMean(typed: string, names: readonly string[]): string {
  // A part of a name is more than a slip of the hand: "overturn" means overturn_rate.
  const wider = typed.length > 2 ? names.filter((name) => name.includes(typed)) : []
  const found = wider.length > 0 ? wider.slice(0, 3) : [meant(typed, names)]
  return found[0] ? `Did you mean ${found.join(' or ')}? ` : ''
}
