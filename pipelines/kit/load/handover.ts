/** Pieces on their way from who makes them to who takes them, in order. */
export class Handover implements AsyncIterable<Buffer> {
  #waiting: Buffer[] = []
  #bytes = 0
  #isOver = false
  #isUnwanted = false
  #failure: Error | undefined
  #changed: (() => void)[] = []

  put(piece: Buffer) {
    if (this.#isUnwanted) return
    this.#waiting.push(piece)
    this.#bytes += piece.length
    this.#tell()
  }

  /** Nothing more will come. */
  end() {
    this.#isOver = true
    this.#tell()
  }

  /** Nothing more will come, and this is why. */
  fail(reason: Error) {
    this.#failure = reason
    this.end()
  }

  /** Whoever took the pieces wants no more of them. */
  decline() {
    this.#isUnwanted = true
    this.#waiting = []
    this.#bytes = 0
    this.#tell()
  }

  /** Resolves when at most so many bytes wait to be taken. */
  async below(bytes: number): Promise<void> {
    while (this.#bytes > bytes && !this.#isOver) await this.#change()
  }

  /** Resolves, or rejects with the failure, once nothing more will come. */
  async over(): Promise<void> {
    while (!this.#isOver) await this.#change()
    if (this.#failure) throw this.#failure
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const piece = this.#waiting.shift()
      if (piece) {
        yield piece
        this.#bytes -= piece.length
        this.#tell()
      } else if (this.#isOver) return
      else await this.#change()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  #tell() {
    const told = this.#changed
    this.#changed = []
    for (const resolve of told) resolve()
  }
}
