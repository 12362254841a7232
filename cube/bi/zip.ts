import { crc32 } from 'node:zlib'

/** A zip archive of texts, stored as they are: the same texts give the same bytes anywhere. */
export function zip(files: { path: string; content: string }[]): Uint8Array {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, content } of files) {
    const name = Buffer.from(path)
    const bytes = Buffer.from(content)
    const facts = factsOf(bytes, name)
    locals.push(Buffer.from([0x50, 0x4b, 3, 4]), facts, name, bytes)
    directory.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), facts, tail(offset), name)
    offset += 4 + facts.length + name.length + bytes.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([...locals, ...directory, end(files.length, size, offset)])
}

/** What the header of a file and its line in the directory have in common. */
function factsOf(bytes: Buffer, name: Buffer): Buffer {
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(20, 0) // version needed
  facts.writeUInt16LE(0x0800, 2) // names are UTF-8
  facts.writeUInt16LE(0x21, 8) // 1 January 1980
  facts.writeUInt32LE(crc32(bytes), 10)
  facts.writeUInt32LE(bytes.length, 14)
  facts.writeUInt32LE(bytes.length, 18)
  facts.writeUInt16LE(name.length, 22)
  return facts
}

/** The rest of a line of the directory: nothing special, and where the file begins. */
function tail(offset: number): Buffer {
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(offset, 10)
  return rest
}

function end(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(22)
  record.write('PK\x05\x06', 'latin1')
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(size, 12)
  record.writeUInt32LE(offset, 16)
  return record
}
