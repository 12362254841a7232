import type { Node, RangeVar } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { parse } from './parse.ts'
import { inside } from './tree.ts'

/**
 * A system catalog as a user may read it: the real one, less what is about schemas, tables and
 * people that are none of the user's business. Tools that ask about tables find the views.
 * @param shown the names of the views that the user may read
 */
export function catalogSource(table: RangeVar, shown: Iterable<string>): Node {
  const schema = table.schemaname ?? 'pg_catalog'
  const name = table.relname ?? ''
  const isListed = schema === 'information_schema' ? INFORMATION.has(name) : CATALOGS.has(name)
  if (!isListed || !['pg_catalog', 'information_schema'].includes(schema))
    throw new Refusal(`There is no relation "${table.schemaname ? `${schema}.` : ''}${name}".`, {
      code: '42P01',
      hint: `The views are: ${[...shown].map((view) => `bi.${view}`).join(', ')}.`,
    })
  const full = `${schema}.${name}`
  const condition = conditions([...shown])[full]
  if (!condition) return { RangeVar: { ...table, schemaname: schema } }

  const [select] = parse(
    `SELECT ${HAS_TABLEOID.has(name) ? 'tableoid, ' : ''}* FROM ${full} WHERE ${condition}`,
  )
  return {
    RangeSubselect: { subquery: select!, alias: table.alias ?? { aliasname: name } },
  }
}

/** A column that tools still ask for and Postgres no longer has. */
export function goneColumn(node: Node): Node | undefined {
  const last = inside(inside(node, 'ColumnRef')?.fields?.at(-1), 'String')?.sval
  // Tableau asks over ODBC whether a table has OIDs; none has since Postgres 12.
  return last === 'relhasoids' ? { A_Const: { boolval: {} } } : undefined
}

/** Settings that may be shown: none names a file, an address or another user. */
export const SHOWN_SETTINGS = new Set(
  (
    'application_name bytea_output client_encoding client_min_messages datestyle default_transaction_isolation ' +
    'default_transaction_read_only extra_float_digits idle_in_transaction_session_timeout in_hot_standby ' +
    'integer_datetimes intervalstyle is_superuser lc_collate lc_ctype lc_messages lc_monetary lc_numeric lc_time ' +
    'lock_timeout max_identifier_length max_index_keys search_path server_encoding server_version ' +
    'server_version_num session_authorization standard_conforming_strings statement_timeout timezone ' +
    'transaction_deferrable transaction_isolation transaction_read_only'
  ).split(' '),
)

const list = (names: Iterable<string>) =>
  [...names].map((name) => `'${name.replaceAll("'", "''")}'`).join(', ')

function conditions(shown: string[]): Record<string, string | undefined> {
  const views = list(shown) || `''`
  const schemas = `'pg_catalog', 'information_schema', 'bi'`
  const isSystem = (key: string) =>
    `${key} IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))`
  const relations = `SELECT oid FROM pg_catalog.pg_class WHERE ${isSystem('relnamespace')}
    OR (relname IN (${views}) AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'bi'))`
  const named = (schema: string, table: string) =>
    `(${schema} IN ('pg_catalog', 'information_schema') OR (${schema} = 'bi' AND ${table} IN (${views})))`
  const inSchemas = (column: string) => `${column} IN (${schemas})`
  // The relations of a view's own type, and the types of everything built in.
  const types = `${isSystem('typnamespace')} OR typrelid IN (${relations}) OR typelem IN
    (SELECT oid FROM pg_catalog.pg_type WHERE typrelid IN (${relations}))`

  return {
    'pg_catalog.pg_attrdef': 'false',
    'pg_catalog.pg_auth_members': 'false',
    'pg_catalog.pg_attribute': `attrelid IN (${relations})`,
    'pg_catalog.pg_class': `oid IN (${relations})`,
    'pg_catalog.pg_collation': isSystem('collnamespace'),
    'pg_catalog.pg_constraint': isSystem('connamespace'),
    'pg_catalog.pg_database': 'datname = current_database()',
    'pg_catalog.pg_depend': 'false',
    'pg_catalog.pg_description': `(classoid <> 'pg_catalog.pg_class'::regclass AND classoid <> 'pg_catalog.pg_proc'::regclass
      OR classoid = 'pg_catalog.pg_class'::regclass AND objoid IN (${relations})
      OR classoid = 'pg_catalog.pg_proc'::regclass AND objoid < 16384)`,
    'pg_catalog.pg_enum': 'false',
    'pg_catalog.pg_extension': 'false',
    'pg_catalog.pg_foreign_server': 'false',
    'pg_catalog.pg_foreign_table': 'false',
    'pg_catalog.pg_index': `indrelid IN (${relations})`,
    'pg_catalog.pg_indexes': named('schemaname', 'tablename'),
    'pg_catalog.pg_inherits': 'false',
    'pg_catalog.pg_matviews': 'false',
    'pg_catalog.pg_namespace': inSchemas('nspname'),
    'pg_catalog.pg_operator': isSystem('oprnamespace'),
    'pg_catalog.pg_partitioned_table': 'false',
    'pg_catalog.pg_policy': 'false',
    'pg_catalog.pg_proc': isSystem('pronamespace'),
    'pg_catalog.pg_publication': 'false',
    'pg_catalog.pg_publication_namespace': 'false',
    'pg_catalog.pg_publication_rel': 'false',
    'pg_catalog.pg_rewrite': 'false',
    // And who owns the views, whom drivers join with when they ask for privileges.
    'pg_catalog.pg_roles': `rolname = current_user
      OR oid = (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'bi')`,
    'pg_catalog.pg_sequence': 'false',
    'pg_catalog.pg_settings': `lower(name) IN (${list(SHOWN_SETTINGS)})`,
    'pg_catalog.pg_shdescription': 'false',
    'pg_catalog.pg_statistic_ext': 'false',
    'pg_catalog.pg_tables': named('schemaname', 'tablename'),
    'pg_catalog.pg_trigger': 'false',
    'pg_catalog.pg_type': types,
    'pg_catalog.pg_user': 'usename = current_user',
    'pg_catalog.pg_views': named('schemaname', 'viewname'),
    'information_schema.character_sets': 'true',
    'information_schema.check_constraints': 'false',
    'information_schema.column_privileges': named('table_schema', 'table_name'),
    'information_schema.columns': named('table_schema', 'table_name'),
    'information_schema.constraint_column_usage': 'false',
    'information_schema.domains': inSchemas('domain_schema'),
    'information_schema.key_column_usage': 'false',
    'information_schema.referential_constraints': 'false',
    'information_schema.role_table_grants': named('table_schema', 'table_name'),
    'information_schema.routines': "specific_schema IN ('pg_catalog', 'information_schema')",
    'information_schema.parameters': "specific_schema IN ('pg_catalog', 'information_schema')",
    'information_schema.schemata': inSchemas('schema_name'),
    'information_schema.sequences': 'false',
    'information_schema.table_constraints': 'false',
    'information_schema.table_privileges': named('table_schema', 'table_name'),
    'information_schema.tables': named('table_schema', 'table_name'),
    'information_schema.triggers': 'false',
    'information_schema.view_column_usage': 'false',
    'information_schema.view_table_usage': 'false',
    'information_schema.views': named('table_schema', 'table_name'),
  }
}

const words = (text: string) => new Set(text.split(' '))

const CATALOGS = words(
  'pg_aggregate pg_am pg_attrdef pg_attribute pg_auth_members pg_cast pg_class pg_collation pg_constraint pg_conversion ' +
    'pg_database pg_depend pg_description pg_enum pg_extension pg_foreign_server pg_foreign_table pg_index ' +
    'pg_indexes pg_inherits pg_language pg_matviews pg_namespace pg_opclass pg_operator pg_partitioned_table ' +
    'pg_policy pg_proc pg_publication pg_publication_namespace pg_publication_rel pg_range pg_rewrite ' +
    'pg_roles pg_sequence pg_settings pg_shdescription pg_statistic_ext pg_tables pg_tablespace ' +
    'pg_timezone_abbrevs pg_timezone_names pg_trigger pg_type pg_user pg_views',
)

const INFORMATION = words(
  'applicable_roles character_sets check_constraints collations column_privileges columns ' +
    'constraint_column_usage domains element_types enabled_roles information_schema_catalog_name ' +
    'key_column_usage parameters referential_constraints role_table_grants routines schemata sequences ' +
    'sql_features sql_implementation_info sql_sizing table_constraints table_privileges tables triggers ' +
    'view_column_usage view_table_usage views',
)

/** The catalogs that are tables: drivers compare the `tableoid` of a description's object. */
const HAS_TABLEOID = words(
  'pg_attrdef pg_attribute pg_class pg_collation pg_constraint pg_database pg_description pg_index ' +
    'pg_namespace pg_operator pg_proc pg_type',
)
