import { type Address, SCHEMA } from './address.ts'
import type { Artefact } from './artefacts.ts'
import { described } from './notes.ts'
import { columnOf, metadataOf, quoted } from './tds-fields.ts'
import type { BiView } from './views.ts'
import { type Element, element, printXml } from './xml.ts'

/** Tableau 2018.1 and later read this version of the format. */
const VERSION = '18.1'

const CONNECTION = 'postgres.recoup'

/** A data source of Tableau for each view: `fees.tds` and so on. */
export function tableauFiles(views: BiView[], address: Address): Artefact[] {
  return views.map((view) => ({ path: `${view.name}.tds`, content: tds(view, address) }))
}

/** Its elements stand in the order of Tableau's published schema, which Tableau insists on. */
function tds(view: BiView, address: Address): string {
  return printXml(
    element(
      'datasource',
      {
        caption: `Recoup: ${view.title}`,
        'formatted-name': `recoup.${view.name}`,
        inline: 'true',
        version: VERSION,
        'xmlns:user': 'http://www.tableausoftware.com/xml/user',
      },
      [
        connection(view, address),
        element('aliases', { enabled: 'yes' }),
        ...view.fields.map((field) => columnOf(field, described(field))),
        ...drillPaths(view),
        ...folders(view),
        element('layout', {
          'dim-ordering': 'ordinal',
          'measure-ordering': 'ordinal',
          'show-structure': 'true',
        }),
        element('date-options', { 'start-of-week': 'monday' }),
      ],
    ),
  )
}

function connection(view: BiView, { host, port, database, tls }: Address): Element {
  const server = element('connection', {
    authentication: 'username-password',
    class: 'postgres',
    dbname: database,
    'odbc-native-protocol': 'yes',
    port: String(port),
    server: host,
    sslmode: tls ? 'require' : '',
    username: '',
  })
  return element('connection', { class: 'federated' }, [
    element('named-connections', {}, [
      element('named-connection', { caption: host, name: CONNECTION }, [server]),
    ]),
    element('relation', {
      connection: CONNECTION,
      name: view.name,
      table: `[${SCHEMA}].[${view.name}]`,
      type: 'table',
    }),
    element(
      'metadata-records',
      {},
      view.fields.map((field, index) => metadataOf(field, view.name, index + 1)),
    ),
  ])
}

function drillPaths({ hierarchies }: BiView): Element[] {
  if (hierarchies.length === 0) return []
  const paths = hierarchies.map(({ name, fields }) =>
    element(
      'drill-path',
      { name },
      fields.map((field) => element('field', {}, quoted(field))),
    ),
  )
  return [element('drill-paths', {}, paths)]
}

/** A field of a hierarchy is in a folder by its hierarchy, as Tableau itself saves it. */
function folders({ folders: all, hierarchies }: BiView): Element[] {
  if (all.length === 0) return []
  const item = (type: string, name: string) => element('folder-item', { name, type })
  const inside = (fields: string[]) => [
    ...hierarchies
      .filter((hierarchy) => hierarchy.fields.some((field) => fields.includes(field)))
      .map(({ name }) => item('drillpath', name)),
    ...fields
      .filter((field) => !hierarchies.some((hierarchy) => hierarchy.fields.includes(field)))
      .map((field) => item('field', quoted(field))),
  ]
  const each = all.map(({ name, fields }) => element('folder', { name }, inside(fields)))
  return [element('folders-common', {}, each)]
}
