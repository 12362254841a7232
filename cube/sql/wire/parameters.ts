import { Refusal } from '../refusal.ts'

/** What a start-up packet asks for. */
export interface Wishes {
  user: string
  application: string
  /** Settings of the session, as Postgres names them. */
  settings: Map<string, string>
}

/** Settings that change how an answer is written, not what may be asked. */
const settable = new Set([
  'datestyle',
  'timezone',
  'extra_float_digits',
  'intervalstyle',
  'bytea_output',
  'statement_timeout',
])
/** Drivers set these though they have only one value here. */
const fixed: Record<string, readonly string[]> = {
  // Who asks for SQL_ASCII takes what comes, and UTF8 comes.
  client_encoding: ['utf8', 'unicode', 'sql_ascii'],
  standard_conforming_strings: ['on', 'true', '1'],
  search_path: ['bi', 'bi, pg_catalog'],
  replication: ['false', 'off', 'no', '0'],
}
const ownWords = new Set(['user', 'database', 'application_name', 'options'])

/** Takes from a start-up packet what may be asked for. @throws Refusal for anything else */
export function readWishes(
  parameters: ReadonlyMap<string, string>,
  { databases, statementMs }: { databases: readonly string[]; statementMs: number },
): Wishes {
  const settings = new Map<string, string>()
  let application = parameters.get('application_name') ?? ''
  const take = (name: string, value: string) => {
    const key = name.toLowerCase().replaceAll('-', '_')
    if (key in fixed) refuseUnless(fixed[key]!, name, value)
    else if (key === 'statement_timeout') settings.set(key, atMost(statementMs, value))
    else if (settable.has(key)) settings.set(key, value)
    else if (key === 'application_name') application = value
    else throw notSettable(name)
  }

  const database = parameters.get('database')
  if (database !== undefined && !databases.includes(database))
    throw new Refusal(`There is no database "${database}"; there is ${databases.join(' or ')}.`, {
      code: '3D000',
      hint: `Connect to the database ${databases[0]}.`,
    })
  for (const [name, value] of parameters) if (!ownWords.has(name)) take(name, value)
  for (const [name, value] of optionsIn(parameters.get('options') ?? '')) take(name, value)
  return { user: parameters.get('user') ?? '', application, settings }
}

/** The settings of `-c name=value`, `-cname=value` and `--name=value`; a backslash keeps a space. */
function* optionsIn(options: string): Generator<[string, string]> {
  const words = [...options.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) =>
    word.replaceAll(/\\(.)/gs, '$1'),
  )
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const setting = word === '-c' ? (words[++at] ?? '') : word.replace(/^(-c|--)(?=\w)/, '')
    const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(setting) ?? []
    if (name === undefined || value === undefined || (setting === word && word !== '-c'))
      throw notSettable(word)
    yield [name, value]
  }
}

function refuseUnless(allowed: readonly string[], name: string, value: string) {
  const plain = value.toLowerCase().replaceAll(/["'-]/g, '')
  if (allowed.includes(plain)) return
  throw new Refusal(`${name} is ${value}; here it can only be ${allowed[0]}.`, {
    code: name.toLowerCase() === 'replication' ? '0A000' : '22023',
    hint:
      name === 'client_encoding'
        ? 'Leave it out, or say UTF8: psql takes it from PGCLIENTENCODING.'
        : `Leave ${name} out.`,
  })
}

/** Milliseconds, no more than allowed; none at all means as long as allowed. */
function atMost(most: number, value: string) {
  const [, figure, unit = 'ms'] = /^\s*(\d+)\s*(ms|s|min)?\s*$/.exec(value) ?? []
  if (figure === undefined)
    throw new Refusal(`statement_timeout is ${value}, which is no time.`, {
      code: '22023',
      hint: 'Give milliseconds, such as 30000, or 30s or 5min.',
    })
  const asked = Number(figure) * { ms: 1, s: 1000, min: 60_000 }[unit as 'ms' | 's' | 'min']
  return String(asked === 0 ? most : Math.min(most, asked))
}

function notSettable(name: string) {
  return new Refusal(`${name} cannot be set when connecting.`, {
    code: '42501',
    hint: `Leave it out. What can be set: application_name, client_encoding, ${[...settable].join(', ')}.`,
  })
}
