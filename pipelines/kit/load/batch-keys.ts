/** The keys of one batch exactly, as 64-bit hashes: one statement cannot write the same row twice. */
export class BatchKeys {
  /** Two halves a slot; a free slot is 0, 0. */
  #slots = new Int32Array(1 << 12)
  #count = 0

  /** Whether the key is in the batch; from now on it is. */
  has(high: number, low: number): boolean {
    if (this.#put(high, low)) return true
    if (++this.#count * 4 > this.#slots.length) this.#grow()
    return false
  }

  clear() {
    if (this.#count > 0) this.#slots.fill(0)
    this.#count = 0
  }

  #put(high: number, low: number): boolean {
    const slots = this.#slots
    const mark = low | 1 // never a free slot; that keys of the same upper 63 bits meet is harmless
    const mask = slots.length - 1
    for (let at = (high << 1) & mask; ; at = (at + 2) & mask) {
      if (slots[at + 1] === 0) {
        slots[at] = high
        slots[at + 1] = mark
        return false
      }
      if (slots[at] === high && slots[at + 1] === mark) return true
    }
  }

  #grow() {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 2)
      if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!)
  }
}
