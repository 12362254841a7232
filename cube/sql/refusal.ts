/** A statement that is not run: why, in a sentence, and where there is one, what to write instead. */
export class Refusal extends Error {
  readonly code: string
  readonly hint: string | undefined

  /** `code` is an SQLSTATE, as drivers and BI tools tell errors apart by it. */
  constructor(message: string, { code, hint }: { code: string; hint?: string }) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.hint = hint
  }
}
