import type { Node } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { functionName, inside, kindOf, nameParts } from './tree.ts'

/**
 * What SQL over the views may be made of. Everything is refused that is not listed: a function can
 * read files, a type can look into other schemas, an operator can be anybody's.
 */
export function requireKnown(node: Node) {
  for (const kind of Object.keys(node))
    if (/^[A-Z]/.test(kind) && !KINDS.has(kind))
      throw new Refusal(`${readable(kind)} is not allowed here.`, { code: '0A000' })
  const call = inside(node, 'FuncCall')
  if (call) requireFunction(call)
  const operation = inside(node, 'A_Expr')
  if (operation) requireOperator(nameParts(operation.name))
  const typeName = inside(node, 'TypeCast')?.typeName
  if (typeName) requireType(nameParts(typeName.names))
  const collation = inside(node, 'CollateClause')
  if (collation) requireBuiltIn(nameParts(collation.collname), 'collation')
}

function requireFunction(call: { funcname?: Node[] }) {
  requireBuiltIn(nameParts(call.funcname), 'function')
  const name = functionName(call)
  if (!FUNCTIONS.has(name.toLowerCase()))
    throw new Refusal(`Function ${name}() is not available here.`, {
      code: '42883',
      hint: 'Functions that compute are: dates, text, numbers, aggregates and windows. None that reads files, settings or other sessions is.',
    })
}

function requireOperator(parts: (string | null)[]) {
  requireBuiltIn(parts, 'operator')
  const operator = parts.at(-1) ?? ''
  if (!OPERATORS.has(operator))
    throw new Refusal(`Operator ${operator} is not available here.`, { code: '42883' })
}

function requireType(parts: (string | null)[]) {
  requireBuiltIn(parts, 'type')
  const type = parts.at(-1) ?? ''
  if (!/^[a-z_][a-z0-9_]*$/.test(type))
    throw new Refusal(`Type "${type}" is not available here.`, { code: '42704' })
}

function requireBuiltIn(parts: (string | null)[], what: string) {
  const [schema] = parts
  if (parts.length === 1 || schema === 'pg_catalog' || schema === 'information_schema') return
  throw new Refusal(`${parts.join('.')}: no ${what} of another schema is available here.`, {
    code: '42501',
  })
}

/** `SelectStmt` as "select". */
function readable(kind: string) {
  return kind
    .replace(/Stmt$|Clause$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
}

/** What a statement that is no query is called in a sentence. */
export function statementName(statement: Node): string {
  return readable(kindOf(statement)).toUpperCase()
}

const words = (...lines: string[]) => new Set(lines.flatMap((line) => line.split(' ')))

const KINDS = words(
  'SelectStmt ResTarget ColumnRef A_Star A_Const String Integer Float Boolean BitString List',
  'A_Expr BoolExpr NullTest BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr FuncCall NamedArgExpr',
  'TypeCast CollateClause ParamRef SubLink A_ArrayExpr A_Indirection A_Indices RowExpr SQLValueFunction',
  'SortBy WindowDef GroupingSet GroupingFunc RangeVar RangeSubselect RangeFunction JoinExpr Alias',
  'CommonTableExpr WithClause SetToDefault Member Joined',
)

const OPERATORS = words(
  '= <> != < > <= >= + - * / % ^ || ~ ~* !~ !~* ~~ !~~ ~~* !~~* @> <@ && -> ->> #> #>> & | # << >>',
  '|/ ||/ @ ~>=~ ~<=~ BETWEEN',
  // As the parser names a few forms of BETWEEN.
  'NOT_BETWEEN',
)
  .add('NOT BETWEEN')
  .add('BETWEEN SYMMETRIC')
  .add('NOT BETWEEN SYMMETRIC')

const FUNCTIONS = words(
  // aggregates
  'count sum avg min max array_agg string_agg bool_and bool_or every stddev stddev_pop stddev_samp',
  'variance var_pop var_samp percentile_cont percentile_disc mode corr regr_slope regr_intercept regr_r2',
  'covar_pop covar_samp json_agg bit_and bit_or measure aggregate',
  // windows
  'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value',
  // numbers
  'abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 power pow mod div pi radians degrees',
  'sin cos tan cot asin acos atan atan2 random width_bucket gcd lcm greatest least num_nulls num_nonnulls',
  // text
  'ascii btrim bit_length char_length character_length chr concat concat_ws format initcap left length',
  'like_escape lower lpad ltrim md5 octet_length overlay position quote_ident quote_literal regexp_count',
  'regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array',
  'regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim split_part starts_with',
  'string_to_array strpos substr substring to_char to_number translate trim upper',
  // dates
  'age clock_timestamp date date_bin date_part date_trunc extract isfinite justify_days justify_hours',
  'justify_interval make_date make_interval make_time make_timestamp make_timestamptz now overlaps',
  'statement_timestamp timezone to_date to_timestamp transaction_timestamp',
  // the same for every type
  'coalesce nullif generate_series unnest array_length array_lower array_ndims array_position array_remove',
  'array_to_string array_upper cardinality array_append array_cat int4 int8 float8 text bool timestamp',
  'json_build_array json_build_object jsonb_build_array jsonb_build_object json_object_agg jsonb_agg to_json',
  'to_jsonb json_array_length jsonb_array_length json_array_elements jsonb_array_elements',
  // what tools ask about the session and the catalogs; see catalogs.ts for what they find there
  'array_in array_recv char col_description current_database current_schema current_schemas',
  'format_type has_any_column_privilege has_column_privilege has_database_privilege',
  'has_function_privilege has_schema_privilege has_sequence_privilege has_table_privilege',
  'has_type_privilege inet_server_addr inet_server_port obj_description pg_backend_pid',
  'pg_char_to_encoding pg_client_encoding pg_column_is_updatable pg_encoding_to_char',
  'pg_function_is_visible pg_get_constraintdef pg_get_expr pg_get_function_arguments',
  'pg_get_function_identity_arguments pg_get_function_result pg_get_indexdef pg_get_keywords',
  'pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence pg_get_triggerdef pg_get_userbyid pg_get_viewdef',
  'pg_has_role pg_is_in_recovery pg_my_temp_schema pg_opclass_is_visible pg_operator_is_visible',
  'pg_relation_is_publishable pg_relation_is_updatable pg_table_is_visible pg_type_is_visible',
  'pg_collation_is_visible pg_typeof shobj_description to_regclass to_regtype txid_current version',
  '_pg_char_max_length _pg_datetime_precision _pg_expandarray _pg_numeric_precision',
  '_pg_numeric_precision_radix _pg_numeric_scale _pg_truetypid _pg_truetypmod',
)
