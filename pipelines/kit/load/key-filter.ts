/** Which keys are in a table, in a few bytes each: 'no' is certain, 'perhaps' is rarely wrong. */

/** 512 bits lie in one cache line: to ask for a key costs one read of memory. */
const wordsInBlock = 16
const probes = 6
const bitsPerKey = 16

/**
 * A blocked Bloom filter over 64-bit hashes of keys, each given as two halves. It grows by layers,
 * each twice the one before. At its limit (33 million keys) it fills up instead: it then says
 * 'perhaps' more often, which costs time and nothing else.
 */
export class KeyFilter {
  readonly layers: Int32Array[]
  #newest: Int32Array
  #free: number
  readonly #limitBytes: number

  constructor({ expected = 0, limitBytes = 64 << 20, layers = [] as Int32Array[] } = {}) {
    this.#limitBytes = limitBytes
    this.layers = layers.length > 0 ? layers : [layerFor(expected, limitBytes)]
    this.#newest = this.layers.at(-1)!
    this.#free = capacityOf(this.#newest)
  }

  /** Whether the key was certainly never asked for; from now on it was. */
  isNew(high: number, low: number): boolean {
    for (const layer of this.layers)
      if (layer !== this.#newest && contains(layer, high, low)) return false
    if (!add(this.#newest, high, low)) return false
    if (--this.#free === 0) this.#grow()
    return true
  }

  get bytes(): number {
    return this.layers.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Keys the newest layer still takes before the next is made; kept when a filter is stored. */
  get free(): number {
    return this.#free
  }

  set free(keys: number) {
    this.#free = keys
  }

  #grow() {
    const words = this.#newest.length * 2
    if (this.bytes + words * 4 > this.#limitBytes) return
    this.#newest = new Int32Array(words)
    this.layers.push(this.#newest)
    this.#free = capacityOf(this.#newest)
  }
}

function layerFor(keys: number, limitBytes: number): Int32Array {
  const words = Math.max(1 << 15, Math.min(Math.ceil((keys * bitsPerKey) / 32), limitBytes / 4))
  return new Int32Array(2 ** Math.ceil(Math.log2(words)))
}

function capacityOf(layer: Int32Array): number {
  return Math.floor((layer.length * 32) / bitsPerKey)
}

/** Sets the key's bits; whether any of them was not set before. */
function add(layer: Int32Array, high: number, low: number): boolean {
  const block = (high & (layer.length / wordsInBlock - 1)) * wordsInBlock
  let isNew = false
  let x = low
  for (let i = 0; i < probes; i++) {
    const word = block + (x & 15)
    const bit = 1 << ((x >>> 4) & 31)
    const bits = layer[word]!
    if ((bits & bit) === 0) {
      layer[word] = bits | bit
      isNew = true
    }
    x = next(x, high)
  }
  return isNew
}

function contains(layer: Int32Array, high: number, low: number): boolean {
  const block = (high & (layer.length / wordsInBlock - 1)) * wordsInBlock
  let x = low
  for (let i = 0; i < probes; i++) {
    if ((layer[block + (x & 15)]! & (1 << ((x >>> 4) & 31))) === 0) return false
    x = next(x, high)
  }
  return true
}

function next(x: number, high: number): number {
  const mixed = (Math.imul(x, 0x9e3779b1) + high) | 0
  return mixed ^ (mixed >>> 13)
}
