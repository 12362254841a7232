/** Text that any channel and jsonb can carry: control characters and halves of characters are gone. */
export function cleanText(text: string, atMost: number): string {
  const clean = text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll(/(?!\n)\p{Cc}/gu, ' ')
    .replaceAll(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .trim()
  if (clean.length <= atMost) return clean
  // A character that was cut in half is left out.
  return `${clean.slice(0, atMost - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The same in one line. */
export function cleanLine(text: string, atMost: number): string {
  return cleanText(text.replaceAll(/\s+/g, ' '), atMost).replaceAll(/\s+/g, ' ')
}
