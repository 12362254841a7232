/** A notice did not arrive; the message holds no secret and is kept for people to read. */
export class UndeliveredError extends Error {
  /** Trying again would not help. */
  readonly isFinal: boolean
  /** The receiver asks to be left alone for so long. */
  readonly waitMs: number | undefined

  constructor(
    message: string,
    options: ErrorOptions & { isFinal?: boolean; waitMs?: number | undefined } = {},
  ) {
    super(message, options)
    this.isFinal = options.isFinal ?? false
    this.waitMs = options.waitMs
  }
}

/** Text from elsewhere without what must not be written down, in one short line. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter(({ length }) => length > 3)
    .reduce((words, secret) => words.replaceAll(secret, '***'), text)
  const line = hidden.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
