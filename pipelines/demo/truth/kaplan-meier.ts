/** How long something took, or how long it has lasted so far. */
export interface Duration {
  seconds: number
  hasEnded: boolean
}

/** The time by which a share of all will have ended, the unfinished ones counted for as long as they were seen. */
export function kaplanMeier(durations: readonly Duration[], share: number): number | null {
  const ordered = durations.toSorted((a, b) => a.seconds - b.seconds)
  let surviving = 1
  for (let at = 0; at < ordered.length;) {
    const { seconds } = ordered[at] as Duration
    let next = at
    let ended = 0
    for (; next < ordered.length && ordered[next]?.seconds === seconds; next++) {
      if (ordered[next]?.hasEnded) ended++
    }
    surviving *= 1 - ended / (ordered.length - at)
    if (ended > 0 && surviving <= 1 - share + 1e-12) return seconds
    at = next
  }
  return null
}
