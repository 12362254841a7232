/** Damaged lines among good ones: what loads, and what the user is told of the rest. */

/** A file of the partner feed; the partners that load and the lines that are set aside. */
export interface DamagedLines {
  kind: string
  content: string | Buffer
  /** Partners and their kind, in the order of their names. */
  loads: Record<string, string>
  aside?: { line: number; told: string; raw?: string }[]
}

const header = 'partner,partner_kind,contracted_on'
const day = '2024-01-01'
const file = (...lines: (string | Buffer)[]) =>
  Buffer.concat(lines.map((line) => Buffer.from(line)).flatMap((line) => [line, Buffer.from('\n')]))
const ragged = (cells: number, last: string) =>
  `found ${cells} cells, the last being "${last}", expected 3 cells, as in the header.`
const text = 'expected UTF-8 text of at most 40 characters.'
const utf8 = 'expected UTF-8 text; save the file as UTF-8.'
const long = (bytes: string) =>
  `found a line of ${bytes} bytes, expected a line of at most 1 MB; is a quote or a newline missing?`
const unclosed = 'found a quote that is never closed, expected a closing quote.'

export const damagedLines: readonly DamagedLines[] = [
  {
    kind: 'a last line that was cut off',
    content: `${header}\na,bank,${day}\nb,bank,2024-0`,
    loads: { a: 'bank' },
    aside: [{ line: 3, told: 'contracted_on: found "2024-0", expected a day such as 2026-10-14.' }],
  },
  {
    kind: 'a last line that was cut off in its first cell',
    content: `${header}\na,bank,${day}\nb`,
    loads: { a: 'bank' },
    aside: [{ line: 3, told: ragged(1, 'b'), raw: 'b' }],
  },
  {
    kind: 'a last line without a line end',
    content: `${header}\na,bank,${day}\nb,bank,${day}`,
    loads: { a: 'bank', b: 'bank' },
  },
  {
    kind: 'a cell too many',
    content: file(header, `a,bank,${day}`, `b,bank,${day},x`),
    loads: { a: 'bank' },
    aside: [{ line: 3, told: ragged(4, 'x'), raw: `b,bank,${day},x` }],
  },
  {
    kind: 'a comma in a name without quotes',
    content: file(header, `Bank, Sons,bank,${day}`, `b,bank,${day}`),
    loads: { b: 'bank' },
    aside: [{ line: 2, told: ragged(4, day) }],
  },
  {
    kind: 'a comma in a name with quotes',
    content: file(header, `"Bank, Sons",bank,${day}`),
    loads: { 'Bank, Sons': 'bank' },
  },
  {
    kind: 'a cell too few',
    content: file(header, 'a,bank', `b,bank,${day}`),
    loads: { b: 'bank' },
    aside: [{ line: 2, told: ragged(2, 'bank') }],
  },
  {
    kind: 'a column the feed does not have',
    content: file('partner,colour,partner_kind,contracted_on', `a,red,bank,${day}`),
    loads: { a: 'bank' },
  },
  {
    kind: 'a column the feed does not have, twice',
    content: file('x,partner,x,partner_kind,contracted_on', `1,a,2,bank,${day}`),
    loads: { a: 'bank' },
  },
  {
    kind: 'semicolons between columns',
    content: file(header.replaceAll(',', ';'), `a;bank;${day}`),
    loads: { a: 'bank' },
  },
  {
    kind: 'a line with another delimiter than the header',
    content: file(header, `a;bank;${day}`, `b,bank,${day}`),
    loads: { b: 'bank' },
    aside: [{ line: 2, told: ragged(1, `a;bank;${day}`) }],
  },
  {
    kind: 'two files one after the other, each with its header',
    content: file(header, `a,bank,${day}`, header, `b,bank,${day}`),
    loads: { a: 'bank', b: 'bank' },
    aside: [
      {
        line: 3,
        told:
          'partner_kind: found "partner_kind", expected one of acquirer, wallet, bnpl, bank, points. ' +
          'contracted_on: found "contracted_on", expected a day such as 2026-10-14.',
      },
    ],
  },
  {
    kind: 'a total below the rows',
    content: file(header, `a,bank,${day}`, 'Total,,1'),
    loads: { a: 'bank' },
    aside: [
      {
        line: 3,
        told:
          'partner_kind: found nothing, expected one of acquirer, wallet, bnpl, bank, points. ' +
          'contracted_on: found "1", expected a day such as 2026-10-14.',
      },
    ],
  },
  {
    kind: 'a byte order mark',
    content: `\uFEFF${header}\na,bank,${day}\n`,
    loads: { a: 'bank' },
  },
  {
    kind: 'line ends of both kinds',
    content: `${header}\r\na,bank,${day}\nb,bank,${day}\r\nc,bank,${day}\n`,
    loads: { a: 'bank', b: 'bank', c: 'bank' },
  },
  {
    kind: 'a carriage return alone among line ends',
    content: file(header, `a,bank,${day}\rb,bank,${day}`, `c,bank,${day}`),
    loads: { c: 'bank' },
    aside: [{ line: 2, told: ragged(5, day) }],
  },
  {
    kind: 'the empty cells that a spreadsheet leaves below its last row',
    content: file(header, `a,bank,${day}`, ',,', ',,'),
    loads: { a: 'bank' },
    aside: [3, 4].map((line) => ({
      line,
      told: 'found only empty cells, expected values, or no line at all.',
    })),
  },
  {
    kind: 'blank lines between rows',
    content: file(header, '', `a,bank,${day}`, '', '', 'b,spaceship,x'),
    loads: { a: 'bank' },
    aside: [
      {
        line: 6,
        told:
          'partner_kind: found "spaceship", expected one of acquirer, wallet, bnpl, bank, points. ' +
          'contracted_on: found "x", expected a day such as 2026-10-14.',
      },
    ],
  },
  {
    kind: 'a NUL byte',
    content: file(header, `a\0b,bank,${day}`, `c,bank,${day}`),
    loads: { c: 'bank' },
    aside: [{ line: 2, told: `partner: found "a\\u0000b", ${text}`, raw: `a\u2400b,bank,${day}` }],
  },
  {
    kind: 'text in Latin-1',
    content: file(header, Buffer.from(`Caf\xe9,bank,${day}`, 'latin1'), `c,bank,${day}`),
    loads: { c: 'bank' },
    aside: [{ line: 2, told: `partner: found the byte 0xE9 after "Caf", ${utf8}` }],
  },
  {
    kind: 'a character cut in half at the end of the file',
    content: Buffer.concat([
      file(header, `a,bank,${day}`),
      Buffer.from('b,bank,2024-01-01\xe2', 'latin1'),
    ]),
    loads: { a: 'bank' },
    aside: [
      {
        line: 3,
        told: `contracted_on: found the byte 0xE2 after "2024-01-01", ${utf8}`,
      },
    ],
  },
  {
    kind: 'a quote that is never closed',
    content: file(header, `a,bank,${day}`, `"b,bank,${day}`, `c,bank,${day}`),
    loads: { a: 'bank', c: 'bank' },
    aside: [{ line: 3, told: unclosed, raw: `"b,bank,${day}` }],
  },
  {
    kind: 'a quote in the middle of a name',
    content: file(header, `5" disks,bank,${day}`, `b,bank,${day}`),
    loads: { '5" disks': 'bank', b: 'bank' },
  },
  {
    kind: 'text after a closing quote',
    content: file(header, `"a"b,bank,${day}`, `c,bank,${day}`),
    loads: { c: 'bank' },
    aside: [
      {
        line: 2,
        told: 'found text after a closing quote, expected the next column; a quote inside a quoted cell is written twice ("").',
      },
    ],
  },
  {
    kind: 'a line end inside quotes',
    content: file(header, `"a\nb",bank,${day}`, 'c,spaceship,x'),
    loads: { 'a\nb': 'bank' },
    aside: [
      {
        line: 4,
        told:
          'partner_kind: found "spaceship", expected one of acquirer, wallet, bnpl, bank, points. ' +
          'contracted_on: found "x", expected a day such as 2026-10-14.',
      },
    ],
  },
  {
    kind: 'quotes of a word processor',
    content: file(header, `“a”,bank,${day}`),
    loads: { '“a”': 'bank' },
  },
  {
    kind: 'the same row twice',
    content: file(header, `a,bank,${day}`, `a,bank,${day}`),
    loads: { a: 'bank' },
  },
  {
    kind: 'the same key twice with different content: the later line stays',
    content: file(header, `a,bank,${day}`, `a,wallet,${day}`),
    loads: { a: 'wallet' },
  },
  {
    kind: 'every row damaged',
    content: file(header, `a,spaceship,${day}`, `b,spaceship,${day}`),
    loads: {},
    aside: [2, 3].map((line) => ({
      line,
      told: 'partner_kind: found "spaceship", expected one of acquirer, wallet, bnpl, bank, points.',
    })),
  },
  {
    kind: 'a line of ten megabytes',
    content: file(
      header,
      `a,bank,${day}`,
      `${'x'.repeat(10_000_000)},bank,${day}`,
      `c,bank,${day}`,
    ),
    loads: { a: 'bank', c: 'bank' },
    aside: [{ line: 3, told: long('10,000,016'), raw: 'x'.repeat(1000) }],
  },
  {
    kind: 'a cell of ten megabytes inside quotes',
    content: file(
      header,
      `a,bank,${day}`,
      `"${'x'.repeat(10_000_000)}",bank,${day}`,
      `c,bank,${day}`,
    ),
    loads: { a: 'bank', c: 'bank' },
    aside: [{ line: 3, told: long('10,000,018') }],
  },
  {
    kind: 'JSON cut off in the last line',
    content: file(
      `{"partner":"a","partner_kind":"bank","contracted_on":"${day}"}`,
      '{"partner":"b","partn',
    ),
    loads: { a: 'bank' },
    aside: [{ line: 2, told: 'found a line that is not JSON, expected one JSON object a line.' }],
  },
  {
    kind: 'JSON with a list on a line',
    content: file(
      `{"partner":"a","partner_kind":"bank","contracted_on":"${day}"}`,
      `["b","bank","${day}"]`,
    ),
    loads: { a: 'bank' },
    aside: [{ line: 2, told: 'found a line that is not JSON, expected one JSON object a line.' }],
  },
  {
    kind: 'JSON with NaN',
    content: file(
      `{"partner":"a","partner_kind":"bank","contracted_on":"${day}"}`,
      `{"partner":"b","partner_kind":NaN,"contracted_on":"${day}"}`,
    ),
    loads: { a: 'bank' },
    aside: [{ line: 2, told: 'found a line that is not JSON, expected one JSON object a line.' }],
  },
  {
    kind: 'JSON with a number, a list and an object where text must be',
    content: file(
      `{"partner":"a","partner_kind":"bank","contracted_on":"${day}"}`,
      `{"partner":5,"partner_kind":["bank"],"contracted_on":{"day":"${day}"}}`,
    ),
    loads: { a: 'bank' },
    aside: [
      {
        line: 2,
        told:
          `partner: found 5, ${text} ` +
          'partner_kind: found ["bank"], expected one of acquirer, wallet, bnpl, bank, points. ' +
          'contracted_on: found {"day":"2024-01-01"}, expected a day such as 2026-10-14.',
      },
    ],
  },
  {
    kind: 'JSON with the same name twice: the last one counts',
    content: file(`{"partner":"x","partner":"a","partner_kind":"bank","contracted_on":"${day}"}`),
    loads: { a: 'bank' },
  },
  {
    kind: 'JSON that would reach into the program',
    content: file(
      `{"__proto__":{"partner":"p"},"partner":"a","partner_kind":"bank","contracted_on":"${day}"}`,
      `{"__proto__":{"partner":"p"},"partner_kind":"bank","contracted_on":"${day}"}`,
    ),
    loads: { a: 'bank' },
    aside: [{ line: 2, told: `partner: found nothing, ${text}` }],
  },
]
