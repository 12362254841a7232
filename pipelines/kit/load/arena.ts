/** Where binary tuples lie until their batch is committed: large buffers that are used again. */

const slabBytes = 1024 * 1024
/** What an encoder is given at least: the largest tuple of any contract fits many times. */
const leastRoom = 256 * 1024

/** A buffer, and how many batches have tuples in it. */
interface Slab {
  buffer: Buffer
  holders: number
}

/** Tuples that one batch holds, in the order they came. */
export interface Held {
  pieces: Buffer[]
  bytes: number
  slabs: Slab[]
}

export function nothingHeld(): Held {
  return { pieces: [], bytes: 0, slabs: [] }
}

/** Gives room for tuples; what was written there is held until it is freed. */
export class Arena {
  #free: Slab[] = []
  #slab: Slab = { buffer: Buffer.alloc(0), holders: 0 }
  #at = 0

  /** Free bytes. Room that was given and not used may be used later, also by the next batch. */
  room(least = leastRoom): Buffer {
    if (this.#slab.buffer.length - this.#at < least) {
      if (this.#slab.holders === 0) this.#recycle(this.#slab)
      this.#slab = this.#free.pop() ?? newSlab(least)
      if (this.#slab.buffer.length < least) this.#slab = newSlab(least)
      this.#at = 0
    }
    return this.#slab.buffer.subarray(this.#at)
  }

  /** Holds what was written at the beginning of the room given last; returns it. */
  keep(held: Held, length: number): Buffer {
    const slab = this.#slab
    const tuples = slab.buffer.subarray(this.#at, this.#at + length)
    const last = held.pieces.at(-1)
    if (held.slabs.at(-1) !== slab) {
      held.slabs.push(slab)
      slab.holders++
      held.pieces.push(tuples)
    } else {
      // Beside the piece before: one piece.
      const start = last!.byteOffset - slab.buffer.byteOffset
      held.pieces[held.pieces.length - 1] = slab.buffer.subarray(start, this.#at + length)
    }
    this.#at += length
    held.bytes += length
    return tuples
  }

  free(held: Held) {
    for (const slab of held.slabs)
      if (--slab.holders === 0 && slab !== this.#slab) this.#recycle(slab)
    Object.assign(held, nothingHeld())
  }

  #recycle(slab: Slab) {
    if (slab.buffer.length === slabBytes) this.#free.push(slab)
  }
}

function newSlab(least: number): Slab {
  return { buffer: Buffer.allocUnsafeSlow(Math.max(least, slabBytes)), holders: 0 }
}
