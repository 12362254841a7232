/**
 * Which keys were seen, as 32-bit hashes: 'no' is certain, 'perhaps' may be wrong. Rows with a key
 * that is certainly new go straight into their table; the others are compared with what is there.
 */
export class SeenKeys {
  #slots: Int32Array
  #count = 0
  #saturated: boolean

  /** `saturated` answers 'perhaps' for every key: the table holds rows that nobody hashed. */
  constructor({ saturated = false, slots = 1 << 16 } = {}) {
    this.#saturated = saturated
    this.#slots = new Int32Array(saturated ? 0 : slots)
  }

  /** Whether the key was perhaps seen before; from now on it was. */
  seen(hash: number): boolean {
    if (this.#saturated) return true
    if (this.#put(hash)) return true
    if (++this.#count * 2 > this.#slots.length) this.#grow()
    return false
  }

  /** Forgets every key. */
  clear() {
    if (this.#count === 0) return
    this.#slots.fill(0)
    this.#count = 0
  }

  #put(hash: number): boolean {
    const mark = hash | 0 || 1 // 0 is a free slot
    const mask = this.#slots.length - 1
    for (let at = Math.imul(mark, 0x9e3779b1) >>> 7; ; at++) {
      const slot = this.#slots[at & mask]
      if (slot === mark) return true
      if (slot === 0) {
        this.#slots[at & mask] = mark
        return false
      }
    }
  }

  #grow() {
    // 16 million keys in 128 MB; beyond that every key is compared, which is only slower.
    if (this.#slots.length >= 1 << 25) {
      this.#saturated = true
      this.#slots = new Int32Array(0)
      return
    }
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (const mark of old) if (mark !== 0) this.#put(mark)
  }
}
