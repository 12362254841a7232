/** Files that cannot be read as the feed at all: what the user is told. Nothing of them is loaded. */
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { arrowFile, arrowStream, arrowTable, parquetOf } from '#test/pipelines/read/formats.ts'

/** A file of the partner feed, the sentence that refuses it, and how many rows before the damage load. */
export type RefusedFile = [kind: string, content: string | Buffer, told: string, loaded?: number]

const header = 'partner,partner_kind,contracted_on'
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => `p${1_000_000 + i},bank,2024-01-01\n`).join('')
const good = `${header}\n${rows(3)}`
const large = `${header}\n${rows(5000)}`

const contract = ' What a partner feed must look like: npx recoup contracts partner'
const again = 'Fetch it again, whole, and ingest it; what is known already stays as it is.'
const readable = 'CSV, NDJSON, Arrow or Parquet'
const empty = `the file is empty (0 bytes), expected a header and at least one row.${contract}`
const blank = `the file holds only blank lines, expected a header and at least one row.${contract}`
const bare = `the file has a header but no rows below it.${contract}`
const utf16 = `this is UTF-16 text, expected UTF-8. Save it as "CSV UTF-8".${contract}`
const page = `this is HTML or XML, expected ${readable}. A download may have ended on a page to log in, or on an error: open it in a browser.${contract}`
const zip = `this is a zip archive or an Excel workbook, expected ${readable}. Unpack it, or save it as "CSV UTF-8".${contract}`
const packed = `this is packed in a way that is not read, expected ${readable}, plain or in gzip or zstd. Unpack it first.${contract}`
const endless = `a line does not end within a megabyte, expected lines of CSV or NDJSON.${contract}`

const all = 'partner, partner_kind, contracted_on'
const lacks = (missing: string, found: string, hints = '') =>
  `this is not a partner feed: its first line has no column ${missing}. ` +
  `Found ${found}; expected a header with ${all}.${hints}${contract}`

const texts: readonly RefusedFile[] = [
  ['an empty file', '', empty],
  ['a packed empty file', gzipSync(''), empty],
  ['blank lines', '\n  \r\n\t\n', blank],
  ['a byte order mark alone', '\uFEFF', blank],
  ['a header alone', `${header}\n`, bare],
  ['a header alone, without a line end', header, bare],
  ['no header', rows(1), lacks(all, '"p1000000", "bank", "2024-01-01"')],
  [
    'a column missing',
    'partner,contracted_on\na,2024-01-01\n',
    lacks('partner_kind', '"partner", "contracted_on"'),
  ],
  [
    'columns of other names',
    'partner,kind,contracted\na,bank,2024-01-01\n',
    lacks(
      'partner_kind, contracted_on',
      '"partner", "kind", "contracted"',
      ' "contracted" may be contracted_on.',
    ),
  ],
  [
    'columns in capitals',
    'PARTNER,PARTNER_KIND,CONTRACTED_ON\na,bank,2024-01-01\n',
    lacks(
      all,
      '"PARTNER", "PARTNER_KIND", "CONTRACTED_ON"',
      ' "PARTNER" may be partner. "PARTNER_KIND" may be partner_kind. "CONTRACTED_ON" may be contracted_on.',
    ),
  ],
  ['another feed', 'agent_id,site\nA1,LIS\n', lacks(all, '"agent_id", "site"')],
  [
    'a column twice',
    'partner,partner,partner_kind,contracted_on\na,b,bank,2024-01-01\n',
    `the column partner appears twice, expected once.${contract}`,
  ],
  [
    'a title above the header',
    `Partners as of 2026-10-14\n\n${good}`,
    lacks(all, '"Partners as of 2026-10-14"'),
  ],
  [
    'a delimiter nobody uses',
    good.replaceAll(',', '^'),
    lacks(all, '"partner^partner_kind^contracted_on"'),
  ],
  [
    'spaces between columns',
    'partner  partner_kind  contracted_on\na  bank  2024-01-01\n',
    lacks(all, '"partner  partner_kind  contracted_on"'),
  ],
  [
    'lines that end in a carriage return alone',
    good.replaceAll('\n', '\r'),
    `its lines end with a carriage return alone, expected a newline. Save it with the line ends of Unix or Windows.${contract}`,
  ],
  [
    'a header whose quote is never closed',
    `"partner,partner_kind,contracted_on\n${rows(3)}`,
    lacks(
      'partner',
      '"\\"partner", "partner_kind", "contracted_on"',
      ' "\\"partner" may be partner.',
    ),
  ],
  ['a header that never ends', `${header},${'x'.repeat(2_000_000)}`, endless],
  ['noise', Buffer.alloc(2_000_000, 7), endless],
  [
    'SQL',
    "insert into partner values ('a', 'bank', '2024-01-01');\n",
    lacks(all, `"insert into partner values ('a'", "'bank'", "'2024-01-01');"`),
  ],
  ['an error of an API saved as CSV', '{"error":"unauthorized"}\n', lacks(all, '"error"')],
  [
    'a JSON array',
    '[{"partner":"a","partner_kind":"bank","contracted_on":"2024-01-01"}]',
    `this is a JSON array, expected one JSON object a line (NDJSON). To turn it into that: jq -c ".[]"${contract}`,
  ],
  [
    'JSON over several lines',
    '{\n  "partner": "a"\n}\n',
    `its first line is not JSON: found "{", expected one JSON object a line. It seems to be spread over several lines.${contract}`,
  ],
]

const others: readonly RefusedFile[] = [
  ['a zip archive or an Excel workbook', Buffer.from('PK\x03\x04rest'), zip],
  [
    'a workbook of old Excel',
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    `this is an old Excel workbook, expected ${readable}. Save it as "CSV UTF-8".${contract}`,
  ],
  [
    'a PDF',
    '%PDF-1.7\n1 0 obj\n<< >>\nendobj\n',
    `this is a PDF, expected ${readable}. Ask its sender for the data itself.${contract}`,
  ],
  ['an error page saved as CSV', '<!DOCTYPE html>\n<p>504 Gateway Time-out</p>\n', page],
  ['an error of a bucket saved as CSV', '<?xml version="1.0"?>\n<Error></Error>', page],
  ['UTF-16', Buffer.from(`\uFEFF${good}`, 'utf16le'), utf16],
  ['UTF-16 without a mark', Buffer.from(good, 'utf16le'), utf16],
  ['UTF-32', Buffer.from('fffe0000700000006100000072000000', 'hex'), utf16],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), lacks(all, '"\uFFFDPNG"')],
  [
    'gzip in gzip',
    gzipSync(gzipSync(good)),
    `this is packed twice, expected once. Unpack it first.${contract}`,
  ],
  ['a zip archive in gzip', gzipSync(Buffer.from('PK\x03\x04rest')), zip],
  [
    'a tar archive in gzip',
    gzipSync(tarOf('partners.csv', good)),
    `this is a tar archive, expected ${readable}. Unpack it first.${contract}`,
  ],
  ['bzip2', Buffer.from('425a68393141592653590000', 'hex'), packed],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), packed],
]

const broken = (kind: string, why: string, read: string, rest = 'Nothing of it was loaded.') =>
  `the ${kind} is damaged or cut short (${why}); ${read} could be read before the damage. ${again} ${rest}`
const cut = 'unexpected end of file'

/** What is stored in gzip as it is shows how far a cut or a flipped bit reaches. */
const stored = gzipSync(large, { level: 0 })
const huge = gzipSync(`${header}\n${rows(60_000)}`, { level: 0 })

const packedOnes: readonly RefusedFile[] = [
  ['gzip cut short', stored.subarray(0, 2050), broken('gzip file', cut, '2,035 unpacked bytes')],
  [
    'gzip cut short in its header',
    stored.subarray(0, 12),
    broken('gzip file', cut, '0 unpacked bytes'),
  ],
  [
    'gzip with flipped bits, which show only at its end',
    flipped(huge),
    broken('gzip file', 'incorrect data check', '1,310,720 unpacked bytes'),
  ],
  [
    'zstd cut short',
    zstdCompressSync(large).subarray(0, 2000),
    broken('zstd file', cut, '0 unpacked bytes'),
  ],
]

const records = Array.from({ length: 5000 }, (_, i) => ({
  partner: `p${i}`,
  partner_kind: 'bank',
  contracted_on: '2024-01-01',
}))
const table = arrowTable(records, 1000)
const twoColumns = arrowTable([{ partner: 'a', contracted_on: '2024-01-01' }])

const columnar: readonly RefusedFile[] = [
  [
    'an Arrow file cut short',
    arrowFile(table).subarray(0, 60_000),
    broken('Arrow file', 'it does not end as an Arrow file does', '0 rows'),
  ],
  [
    'an Arrow stream cut short',
    arrowStream(table).subarray(0, 60_000),
    broken(
      'Arrow stream',
      'Expected to read 31024 bytes for message body, but only read 29264.',
      '1,000 rows',
      'Of the rows before the damage 1,000 were loaded; the rest was not.',
    ),
    1000,
  ],
  [
    'Parquet cut short',
    parquetOf(table).subarray(0, 2000),
    broken('Parquet file', 'it does not end with PAR1', '0 rows'),
  ],
  [
    'a column missing in Arrow',
    arrowFile(twoColumns),
    `this is not a partner feed: its schema has no column partner_kind. Found "partner", "contracted_on"; expected the columns ${all}.${contract}`,
  ],
  [
    'Parquet in gzip',
    gzipSync(parquetOf(table)),
    `this is a Parquet file inside gzip, expected it plain: Parquet packs its columns itself. Unpack it first.${contract}`,
  ],
]

export const refusedFiles: readonly RefusedFile[] = [
  ...texts,
  ...others,
  ...packedOnes,
  ...columnar,
]

/** A tar archive with one file. */
function tarOf(name: string, content: string): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0)
  head.write('0000644\0', 100)
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  head.write('ustar\x0000', 257)
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
