import { expect, test } from 'vitest'
import { lintModel } from '#cube/lint/lint-model.ts'

const cubeOf = (more: string) => `
cubes:
  - name: kpi_fee
    public: false
    sql_table: mart.fact_fee
${more}`

const viewOf = (more: string) => `
views:
  - name: fees
    title: Fees
    description: Fees charged on to sellers.
    access_policy: [{ group: 'admin:all', row_level: { allow_all: true } }]
${more}`

const cube = (more: string) => lintModel([{ fileName: 'cubes/kpi_fee.yml', content: cubeOf(more) }])

const view = (more: string, cubeMore = '') =>
  lintModel([
    { fileName: 'cubes/kpi_fee.yml', content: cubeOf(cubeMore) },
    { fileName: 'views/fees.yml', content: viewOf(more) },
  ])

const measure = (more: string) =>
  cube(`    measures:
      - { name: charged, ${more} }`)

const dimension = (more: string) =>
  cube(`    dimensions:
      - { name: day, sql: day, ${more} }`)

const shown = (more: string) =>
  view(
    `    cubes: [{ join_path: kpi_fee, includes: [charged] }]`,
    `    measures:
      - { name: charged, sql: charged, type: sum, ${more} }`,
  )

const explained = 'title: Charged, description: What we charged.'
const meta = (more: string) =>
  `meta: { basis: event, unit: money, direction: up, additivity: additive, ${more} }`
const page = 'page: docs/kpis/fees_charged.md'

test('a model that keeps every rule has no findings', () => {
  expect(shown(`${explained}, ${meta(`denominator: null, ${page}`)}`)).toEqual([])
})

test.for([
  ['grain', 'grain: { exclude: [day] }'],
  ['filter', 'filter: { mode: fixed }'],
  ['multi_stage', 'multi_stage: true'],
  ['time_shift', 'time_shift: [{ interval: 1 year, type: prior }]'],
  ['group_by', 'group_by: [day]'],
  ['reduce_by', 'reduce_by: [day]'],
  ['add_group_by', 'add_group_by: [day]'],
])('a measure with %s is refused: the legacy planner ignores it', ([part, yaml]) => {
  expect(measure(`sql: charged, type: sum, ${yaml}`)).toEqual([
    `cubes/kpi_fee.yml: kpi_fee.charged has "${part}", which the legacy planner ignores.`,
  ])
})

test('a rank is refused: only the native planner knows it', () => {
  expect(measure('sql: charged, type: rank')).toEqual([
    'cubes/kpi_fee.yml: kpi_fee.charged is a rank, which only the native planner knows.',
  ])
})

test('a rolling window says that it needs a date range, or is refused', () => {
  const rolling = 'sql: charged, type: sum, rolling_window: { trailing: unbounded }'
  expect(measure(rolling)).toEqual([
    expect.stringContaining('kpi_fee.charged is a rolling window, which is wrong without a date'),
  ])
  expect(measure(`${rolling}, description: Charged so far; needs a date range.`)).toEqual([])
})

test('a calendar written in SQL is refused: it would be ignored', () => {
  expect(dimension("type: time, granularities: [{ name: fiscal, sql: 'x' }]")).toEqual([
    'cubes/kpi_fee.yml: kpi_fee.day has SQL for its granularity "fiscal", which is ignored.',
  ])
  expect(dimension("type: time, time_shift: [{ name: year, sql: 'x' }]")).toEqual([
    'cubes/kpi_fee.yml: kpi_fee.day has a "time_shift", which the legacy planner ignores.',
  ])
})

test('a switch dimension is refused: its SQL would be invalid', () => {
  expect(dimension('type: switch, values: [a, b]')).toEqual([
    'cubes/kpi_fee.yml: kpi_fee.day is a switch, for which the legacy planner writes invalid SQL.',
  ])
})

test('a view over two facts is refused', () => {
  const both =
    '    cubes: [{ join_path: kpi_fee, includes: [] }, { join_path: kpi_case, includes: [] }]'
  expect(view(both)).toEqual([
    expect.stringContaining('views/fees.yml: fees starts from kpi_fee and kpi_case.'),
  ])
})

test('Jinja is refused: the stand-in does not render it', () => {
  expect(measure(`sql: "{{ column }}", type: sum`)).toEqual([
    expect.stringContaining('cubes/kpi_fee.yml: this file uses Jinja'),
  ])
})

test('a file holds one cube or view, called like the file', () => {
  const two = `${cubeOf('')}\n  - { name: other, public: false }`
  expect(lintModel([{ fileName: 'cubes/fee.yml', content: two }])).toEqual([
    'cubes/fee.yml: this file defines 2 cubes and views. Give each a file of its own.',
    'cubes/fee.yml: kpi_fee is not in a file called kpi_fee.yml.',
    'cubes/fee.yml: other is not in a file called other.yml.',
  ])
  expect(lintModel([{ fileName: 'cubes/empty.yml', content: '' }])).toEqual([
    'cubes/empty.yml: this file defines 0 cubes and views. Give each a file of its own.',
  ])
})

test('a public cube is refused', () => {
  const content = cubeOf('').replace('public: false', 'public: true')
  expect(lintModel([{ fileName: 'cubes/kpi_fee.yml', content }])).toEqual([
    'cubes/kpi_fee.yml: kpi_fee is not "public: false". Only views are public.',
  ])
})

test('nothing is called chargeback, which means two opposite things', () => {
  expect(cube('    measures: [{ name: chargeback_rate, type: count }]')).toEqual([
    expect.stringContaining('kpi_fee.chargeback_rate is called "chargeback"'),
  ])
})

test.for(['one_to_many', 'one_to_one'])('a %s join is refused: it may repeat the fact', (kind) => {
  expect(cube(`    joins: [{ name: dim_seller, relationship: ${kind}, sql: x }]`)).toEqual([
    `cubes/kpi_fee.yml: kpi_fee joins dim_seller ${kind}. Joins are many_to_one, from the fact.`,
  ])
})

test('a rollup stays in Postgres and follows the data', () => {
  expect(cube('    pre_aggregations: [{ name: by_day, measures: [charged] }]')).toEqual([
    expect.stringContaining('kpi_fee.by_day is not "external: false"'),
    expect.stringContaining('kpi_fee.by_day does not have the refresh_key "SELECT max(id)'),
  ])
})

test('a view shows what it lists, and lists what there is', () => {
  expect(view(`    cubes: [{ join_path: kpi_fee, includes: '*' }]`)).toEqual([
    'views/fees.yml: fees includes everything of kpi_fee. List the members it shows.',
  ])
  expect(view(`    cubes: [{ join_path: kpi_fee, includes: [chraged] }]`)).toEqual([
    'views/fees.yml: fees includes kpi_fee.chraged, which no cube has.',
  ])
})

test('every member of a view has a title and a description', () => {
  expect(shown(meta(`denominator: null, ${page}`))).toEqual([
    'views/fees.yml: fees.charged has no title.',
    'views/fees.yml: fees.charged has no description.',
  ])
})

test('a view without a policy is refused', () => {
  const content = viewOf('').replace(/.*access_policy.*\n/, '')
  expect(lintModel([{ fileName: 'views/fees.yml', content }])).toEqual([
    'views/fees.yml: fees has no access_policy, so everyone sees everything in it.',
  ])
})

const LISTED = `{ filters: [{ member: marketplace, operator: equals, values: '{ securityContext.marketplaces }' }] }`

const policy = (yaml: string, shows = 'charged, marketplace, seller') => {
  const content = viewOf(`    cubes: [{ join_path: kpi_fee, includes: [${shows}] }]`)
  const cubeText = cubeOf(`    measures:
      - { name: charged, type: sum, ${explained}, ${meta(`denominator: null, ${page}`)} }
    dimensions:
      - { name: marketplace, title: Marketplace, description: Where. }
      - { name: seller, title: Seller, description: Who., mask: { sql: "'masked'" } }`)
  return lintModel([
    { fileName: 'cubes/kpi_fee.yml', content: cubeText },
    {
      fileName: 'views/fees.yml',
      content: content.replace(/access_policy.*/, `access_policy: [${yaml}]`),
    },
  ])
}

test('policies for listed marketplaces, and with masks that take effect, are allowed', () => {
  const masks = `member_level: { includes: '*', excludes: [seller] }, member_masking: { includes: [seller] }`
  expect(policy(`{ group: 'finance:listed', row_level: ${LISTED} }`)).toEqual([])
  expect(policy(`{ groups: ['viewer:all'], ${masks}, row_level: { allow_all: true } }`)).toEqual([])
})

test.for([
  [`{ group: finnance }`, 'has a policy for "finnance", which is no group. Groups are admin:all'],
  [`{ group: '*' }`, 'has a policy for "*", which is no group.'],
  [`{ row_level: { allow_all: true } }`, 'has a policy without a group, for everyone.'],
  [`{ group: 'viewer:listed' }`, 'grants viewer:listed other rows than those where marketplace'],
  [
    `{ groups: ['viewer:all', 'viewer:listed'], row_level: { allow_all: true } }`,
    'grants viewer:listed other rows',
  ],
  [`{ group: anyone }`, 'grants anyone every marketplace.'],
  [
    `{ group: 'viewer:all', member_level: { includes: '*' }, member_masking: { includes: [seller] } }`,
    'fees.seller is masked and not among the excludes of member_level, so shown.',
  ],
  [
    `{ group: 'viewer:all', member_level: { includes: '*', excludes: [charged] }, member_masking: { includes: [charged] } }`,
    'fees.charged is masked and has no mask.',
  ],
] as const)('the policy %s is refused', ([yaml, problem]) => {
  expect(policy(yaml)).toEqual([expect.stringContaining(problem)])
})

test.for([
  ['sum', 'charged', 'additive'],
  ['count_distinct', 'charged', 'non_additive'],
  ['number', 'COALESCE({a}, 0)', 'additive'],
  ['number', '{a}::numeric / NULLIF({b}, 0)', 'non_additive'],
  ['number', 'CASE WHEN {first_snapshot} = {last_snapshot} THEN {a} END', 'semi_additive'],
] as const)('a %s of %s is %s, and must say so', ([type, sql, additivity]) => {
  const found = view(
    '    cubes: [{ join_path: kpi_fee, includes: [charged] }]',
    `    measures:
      - { name: charged, sql: "${sql}", type: ${type}, ${explained}, meta: { kpi: false, additivity: all } }`,
  )
  expect(found).toEqual([
    `views/fees.yml: fees.charged has meta.additivity all. By its type and SQL it is ${additivity}.`,
  ])
})

test('a measure belongs to one view, and is not called like a view', () => {
  const cubeText = cubeOf(
    `    measures:
      - { name: fees, type: count, ${explained}, ${meta(`denominator: null, ${page}`)} }`,
  )
  const includes = '    cubes: [{ join_path: kpi_fee, includes: [fees] }]'
  const findings = lintModel([
    { fileName: 'cubes/kpi_fee.yml', content: cubeText },
    { fileName: 'views/fees.yml', content: viewOf(includes) },
    { fileName: 'views/more.yml', content: viewOf(includes).replace('name: fees', 'name: more') },
  ])
  expect(findings).toEqual([
    'views/more.yml: more.fees is a measure of fees too. Give it a name of its own.',
    'views/fees.yml: fees.fees is also the name of a cube or view.',
    'views/more.yml: more.fees is also the name of a cube or view.',
  ])
})

test.for([
  ['sum', '{a}::numeric / NULLIF({b}, 0)', 'divides inside a sum'],
  ['number', '{a}::numeric / {b}', 'divides without NULLIF'],
  ['number', '{a} / NULLIF({b}, 0)', 'divides without ::numeric'],
] as const)('a %s of %s is refused', ([type, sql, problem]) => {
  expect(measure(`type: ${type}, sql: "${sql}"`)).toEqual([expect.stringContaining(problem)])
})

test('a ratio of sums, and a change of unit, are allowed', () => {
  expect(measure('type: number, sql: "{a}::numeric / 60 / NULLIF({b}, 0)"')).toEqual([])
  expect(measure('type: number, sql: "{a} / 3600"')).toEqual([])
})

test('an average of rows is refused', () => {
  expect(measure('type: avg, sql: hours')).toEqual([
    expect.stringContaining('kpi_fee.charged is an average of rows.'),
  ])
})

test('a measure says its basis, unit, direction, denominator and page', () => {
  expect(
    shown(`${explained}, meta: { basis: weekly, denominator: orders, additivity: additive }`),
  ).toEqual([
    'views/fees.yml: fees.charged has meta.basis weekly. Allowed: cash, event, cohort, as_of.',
    'views/fees.yml: fees.charged has meta.direction undefined. Allowed: up, down, watch.',
    'views/fees.yml: fees.charged has no meta.unit.',
    'views/fees.yml: fees.charged has no meta.page in docs/kpis/.',
    'views/fees.yml: fees.charged has meta.denominator orders, which is no measure of its view.',
  ])
})
