/** Files that cannot be read as the feed at all: what the user is told. Nothing of them is loaded. */
import { gzipSync, zstdCompressSync } from 'node:zlib'

/** A file of the partner feed, and the sentence that refuses it. */
export type RefusedFile = [kind: string, content: string | Buffer, told: string]

const header = 'partner,partner_kind,contracted_on'
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => `partner_${i * 7919},bank,2024-01-01\n`).join('')
const good = `${header}\n${rows(3)}`

const noColumns = (missing: string, found: string, hints = '') =>
  `this is not a partner feed: its first line has no column ${missing}. ` +
  `Found ${found}; expected a header with partner, partner_kind, contracted_on.${hints}`
const all = 'partner, partner_kind, contracted_on'

export const refusedFiles: readonly RefusedFile[] = [
  ['an empty file', '', 'the file is empty (0 bytes), expected a header and at least one row.'],
  [
    'a packed empty file',
    gzipSync(''),
    'the file is empty (0 bytes), expected a header and at least one row.',
  ],
  [
    'blank lines',
    '\n  \r\n\t\n',
    'the file holds only blank lines, expected a header and at least one row.',
  ],
  ['a byte order mark alone', '\uFEFF', ''],
  ['a header alone', `${header}\n`, 'the file has a header but no rows below it.'],
  ['a header alone, without a line end', header, 'the file has a header but no rows below it.'],
  ['a zip archive or an Excel workbook', Buffer.from('PK\x03\x04rest'), ''],
  ['an empty zip archive', Buffer.from('PK\x05\x06rest'), ''],
  ['a workbook of old Excel', Buffer.from('d0cf11e0a1b11ae1', 'hex'), ''],
  ['a PDF', '%PDF-1.7\n1 0 obj\n<< >>\nendobj\n', ''],
  [
    'an error page saved as CSV',
    '<!DOCTYPE html>\n<html><body>504 Gateway Time-out</body></html>\n',
    '',
  ],
  [
    'an error of a bucket saved as CSV',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    '',
  ],
  ['an error of an API saved as CSV', '{"error":"unauthorized"}\n', ''],
  ['a JSON array', '[{"partner":"a","partner_kind":"bank","contracted_on":"2024-01-01"}]', ''],
  ['JSON over several lines', '{\n  "partner": "a"\n}\n', ''],
  [
    'UTF-16',
    Buffer.from(`\uFEFF${good}`, 'utf16le'),
    'this is UTF-16 text, expected UTF-8. Save it as "CSV UTF-8".',
  ],
  ['UTF-16 without a mark', Buffer.from(good, 'utf16le'), ''],
  ['UTF-32', Buffer.from('fffe0000700000006100000072000000', 'hex'), ''],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), ''],
  ['gzip in gzip', gzipSync(gzipSync(good)), ''],
  ['a zip archive in gzip', gzipSync(Buffer.from('PK\x03\x04rest')), ''],
  ['a tar archive in gzip', gzipSync(tarOf('partners.csv', good)), ''],
  ['bzip2', Buffer.from('425a68393141592653590000', 'hex'), ''],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), ''],
  ['gzip cut short', gzipSync(`${header}\n${rows(5000)}`).subarray(0, 2000), ''],
  ['gzip cut short in its first bytes', gzipSync(good).subarray(0, 12), ''],
  ['gzip with flipped bits', flipped(gzipSync(`${header}\n${rows(5000)}`)), ''],
  ['zstd cut short', zstdCompressSync(`${header}\n${rows(5000)}`).subarray(0, 2000), ''],
  ['noise', Buffer.alloc(2_000_000, 7), ''],
  ['a header that never ends', `${header},${'x'.repeat(2_000_000)}`, ''],
  ['a header whose quote is never closed', `"partner,partner_kind,contracted_on\n${rows(3)}`, ''],
  ['no header', rows(3), ''],
  ['a column missing', 'partner,contracted_on\na,2024-01-01\n', ''],
  ['columns of other names', 'partner,kind,contracted\na,bank,2024-01-01\n', ''],
  ['columns in capitals', 'PARTNER,PARTNER_KIND,CONTRACTED_ON\na,bank,2024-01-01\n', ''],
  [
    'a column twice',
    `partner,partner,partner_kind,contracted_on\na,b,bank,2024-01-01\n`,
    'the column partner appears twice, expected once.',
  ],
  ['a delimiter nobody uses', good.replaceAll(',', '^'), ''],
  ['spaces between columns', 'partner      partner_kind  contracted_on\na  bank  2024-01-01\n', ''],
  ['lines that end in a carriage return alone', good.replaceAll('\n', '\r'), ''],
  ['a title above the header', `Partners as of 2026-10-14\n\n${good}`, ''],
  ['another feed', 'agent_id,site\nA1,LIS\n', ''],
  ['SQL', "insert into partner values ('a', 'bank', '2024-01-01');\n", ''],
]

/** A tar archive with one file. */
function tarOf(name: string, content: string): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0)
  head.write('0000644\0', 100)
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  head.write('ustar\0' + '00', 257)
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
  body.write(content)
  return Buffer.concat([head, body, Buffer.alloc(1024)])
}

/** The same bytes with some in the middle turned over. */
function flipped(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes)
  for (let at = bytes.length >> 1; at < (bytes.length >> 1) + 8; at++) damaged[at]! ^= 0xff
  return damaged
}
