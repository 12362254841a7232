import { expect, test } from 'vitest'

import { unlz4 } from '#kit/read/lz4.ts'

/** As the lz4 program packs a text that repeats itself. */
const packed = Buffer.from(
  '04224d186440a7210000005f62616e6b2c0500016f77616c6c65741b0002012f000f2000ff30506c6c65742c00000000f2cbbebd',
  'hex',
)

test('a frame of LZ4 is unpacked', () => {
  const text = 'bank,bank,bank,bank,bank,wallet,'.repeat(12)
  expect(Buffer.from(unlz4(packed)).toString()).toBe(text)
})

function outcomeOf(bytes: Buffer): string {
  try {
    return `bytes: ${unlz4(bytes).length}`
  } catch (error) {
    return String(error)
  }
}

test('a frame that is cut or changed anywhere fails or gives bytes, and never hangs', () => {
  for (let at = 0; at < packed.length; at++) {
    const changed = Buffer.from(packed)
    changed[at]! ^= 0xff
    for (const bytes of [packed.subarray(0, at), changed])
      expect(outcomeOf(bytes)).toMatch(/^bytes|its LZ4 is damaged|out of range|outside buffer/)
  }
})
