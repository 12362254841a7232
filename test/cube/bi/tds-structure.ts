import { XMLParser } from 'fast-xml-parser'

/**
 * What Tableau's published schema (tableau-document-schemas, twb_2026.2.0.xsd) lets an element contain:
 * its children in their order, and its attributes, a `!` after those that must be there. Only what a data
 * source of ours may use is listed.
 */
const structure: Record<string, { children: string[]; attributes: Record<string, RegExp> }> = {
  datasource: {
    children: [
      'document-format-change-manifest',
      'repository-location',
      'connection',
      'utility-dimensions',
      'dimension',
      'overridable-settings',
      'aliases',
      'column',
      'column-instance',
      'group',
      'mapped-images',
      'drill-paths',
      'unlinked-server-hierarchies',
      'folders-common',
      'folders-parameters',
      'actions',
      'calculated-members',
      'extract',
      'layout',
      'style',
      'semantic-values',
      'date-options',
      'default-date-format',
      'default-sorts',
      'field-sort-info',
    ],
    attributes: {
      caption: /./,
      'formatted-name': /./,
      'inline!': /^true$/,
      'version!': /^\d+\.\d+$/,
      'xmlns:user': /^http:\/\/www\.tableausoftware\.com\/xml\/user$/,
    },
  },
  aliases: { children: [], attributes: { enabled: /^(yes|no)$/ } },
  column: {
    children: ['calculation', 'aliases', 'semantic-values', 'desc'],
    attributes: {
      aggregation: /^[A-Z]\w+$/,
      caption: /./,
      'datatype!': /^(integer|real|string|datetime|date|boolean)$/,
      'default-format': /./,
      'name!': /^\[[^[\]]+\]$/,
      'role!': /^(dimension|measure)$/,
      'type!': /^(nominal|ordinal|quantitative)$/,
    },
  },
  desc: { children: ['formatted-text'], attributes: {} },
  'formatted-text': { children: ['run'], attributes: {} },
  run: { children: [], attributes: {} },
  'drill-paths': { children: ['drill-path'], attributes: {} },
  'drill-path': { children: ['field', 'desc'], attributes: { 'name!': /./ } },
  field: { children: [], attributes: {} },
  'folders-common': { children: ['folder'], attributes: {} },
  folder: { children: ['folder-item'], attributes: { 'name!': /./ } },
  'folder-item': {
    children: [],
    attributes: { 'name!': /./, 'type!': /^(field|drillpath|unknown)$/ },
  },
  layout: {
    children: [],
    attributes: {
      'dim-ordering!': /^(alphabetic|ordinal)$/,
      'measure-ordering!': /^(alphabetic|ordinal)$/,
      'show-structure!': /^(true|false)$/,
    },
  },
  'date-options': { children: [], attributes: { 'start-of-week': /^(mon|sun)day$/ } },
  // The schema lets a connection contain anything; these are what it says elsewhere that they are.
  relation: {
    children: [],
    attributes: {
      connection: /./,
      name: /./,
      table: /^\[[^[\]]+\]\.\[[^[\]]+\]$/,
      'type!': /^table$/,
    },
  },
  'metadata-records': { children: ['metadata-record'], attributes: {} },
  'metadata-record': {
    children: [
      'remote-name',
      'remote-type',
      'local-name',
      'parent-name',
      'remote-alias',
      'ordinal',
      'local-type',
      'aggregation',
      'precision',
      'scale',
      'width',
      'contains-null',
    ],
    attributes: { 'class!': /^column$/ },
  },
}

/** An element as it stands in a file. */
export interface Parsed {
  name: string
  attributes: Record<string, string>
  children: Parsed[]
  text: string
}

export function parseXml(xml: string): Parsed {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    ignoreDeclaration: true,
  })
  const [root] = (parser.parse(xml) as Raw[]).map(parsed)
  if (!root) throw new Error('There is no element in it.')
  return root
}

type Raw = Record<string, Raw[] | Record<string, string> | string>

function parsed(raw: Raw): Parsed {
  const name = Object.keys(raw).find((key) => key !== ':@') ?? ''
  const inside = raw[name] as Raw[]
  return {
    name,
    attributes: (raw[':@'] ?? {}) as Record<string, string>,
    children: inside.filter((one) => one['#text'] === undefined).map(parsed),
    text: inside.map((one) => (typeof one['#text'] === 'string' ? one['#text'] : '')).join(''),
  }
}

/** What of an element and of all inside breaks the structure, a sentence each. */
export function structuralMistakes(root: Parsed): string[] {
  return within(root).flatMap((element) => {
    const allowed = structure[element.name]
    return allowed ? mistakesOf(element, allowed) : []
  })
}

/** An element and all inside. */
export function within(root: Parsed): Parsed[] {
  return [root, ...root.children.flatMap(within)]
}

function mistakesOf(
  { name, attributes, children }: Parsed,
  allowed: { children: string[]; attributes: Record<string, RegExp> },
): string[] {
  const order = children.map((child) => allowed.children.indexOf(child.name))
  const rules = Object.entries(allowed.attributes)
  const known = new Map(rules.map(([key, rule]) => [key.replace('!', ''), rule]))
  return [
    ...children
      .filter((_, index) => order[index] === -1)
      .map((child) => `${name} contains ${child.name}`),
    ...order.flatMap((rank, index) =>
      rank < (order[index - 1] ?? 0) ? [`${name} has ${children[index]?.name} too late`] : [],
    ),
    ...rules.flatMap(([key]) =>
      key.endsWith('!') && attributes[key.slice(0, -1)] === undefined
        ? [`${name} has no ${key}`]
        : [],
    ),
    ...Object.entries(attributes)
      .filter(([key, value]) => !known.get(key)?.test(value))
      .map(([key, value]) => `${name} has ${key}="${value}"`),
  ]
}
