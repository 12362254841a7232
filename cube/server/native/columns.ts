/** Rows as the database driver gave them, column by column; `members` are SQL aliases. */
export interface Rows {
  members: string[]
  columns: unknown[][]
}

/** What Cube says about the rows it fetched: what was asked, and which alias is which member. */
export interface RowsRequest {
  aliasToMemberNameMap: Record<string, string>
  /** One entry per member this user may see. */
  annotation: Record<string, { type?: string }>
  query: Query
  queryType?: QueryType
  resType?: 'default' | 'compact' | 'columnar'
}

export type QueryType = 'regularQuery' | 'compareDateRangeQuery' | 'blendingQuery'

/** The parts of a normalised Cube query that shape an answer. */
export interface Query {
  measures?: Member[]
  dimensions?: Member[]
  timeDimensions?: TimeDimension[]
}

type Member = string | { name: string }

interface TimeDimension {
  dimension: string
  granularity?: string
  dateRange?: string[]
}

/** One column of an answer: a member's full name and its values, row by row. */
export interface Column {
  member: string
  values: Value[]
}

type Value = string | boolean | null

/** The columns of an answer: the ones asked for, then the ones Cube's clients expect beside them. */
export function answerColumns(request: RowsRequest, rows: Rows): Column[] {
  if (rows.members.length === 0) {
    for (const member of askedMembers(request.query)) refuseHidden(member, request)
    return []
  }
  const asked = rows.members.map((alias, i) => askedColumn(request, alias, rows.columns[i] ?? []))
  return [
    ...asked,
    ...bareTimeDimensions(request.query, asked),
    ...seriesColumn(request, asked, rows.columns[0]?.length ?? 0),
  ]
}

function askedColumn(request: RowsRequest, alias: string, cells: unknown[]): Column {
  const member = request.aliasToMemberNameMap[alias]
  if (member === undefined) throw new Error(`Member name not found for alias: '${alias}'`)
  refuseHidden(member, request)
  const isTime = request.annotation[member]?.type === 'time'
  return { member, values: cells.map((cell) => toValue(cell, isTime)) }
}

/** An access policy hides a member by leaving it out of the annotation; nothing else stops it here. */
function refuseHidden(member: string, { annotation }: RowsRequest) {
  if (annotation[member]) return
  throw new Error(
    `You requested hidden member: '${member}'. Please make it visible using \`public: true\`. ` +
      'Please note primaryKey fields are `public: false` by default: ' +
      'https://docs.cube.dev/reference/data-modeling/joins#setting-a-primary-key.',
  )
}

function askedMembers({ measures = [], dimensions = [], timeDimensions = [] }: Query): string[] {
  const grouped = timeDimensions.filter((time) => time.granularity).map((time) => time.dimension)
  return [...[...measures, ...dimensions].map(nameOf), ...grouped]
}

function nameOf(member: Member) {
  return typeof member === 'string' ? member : member.name
}

const FINEST_FIRST = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

/** `fees.day.week` also answers as `fees.day`, at its finest granularity: an old habit of clients. */
function bareTimeDimensions(query: Query, asked: Column[]): Column[] {
  const alreadyAsked = new Set((query.dimensions ?? []).map(nameOf))
  const finest = new Map<string, { fineness: number; values: Value[] }>()
  for (const { member, values } of asked) {
    const [cube, dimension, granularity] = member.split('.')
    if (granularity === undefined) continue
    const bare = `${cube}.${dimension}`
    const rank = FINEST_FIRST.indexOf(granularity)
    const fineness = rank < 0 ? FINEST_FIRST.length : rank
    const known = finest.get(bare)
    if (alreadyAsked.has(bare) || (known && known.fineness < fineness)) continue
    finest.set(bare, { fineness, values })
  }
  return [...finest].map(([member, { values }]) => ({ member, values }))
}

/** The column that tells the queries of a comparison, or of a blend, apart on one chart. */
function seriesColumn({ query, queryType }: RowsRequest, asked: Column[], length: number) {
  const time = query.timeDimensions?.[0]
  if (queryType === 'compareDateRangeQuery') {
    if (!time?.dateRange) throw new Error('A comparison of date ranges needs a dateRange.')
    const range = time.dateRange.join(' - ')
    return [{ member: 'compareDateRange', values: Array<Value>(length).fill(range) }]
  }
  if (queryType === 'blendingQuery') {
    if (!time?.granularity) throw new Error('A blended query needs a granularity.')
    const grouped = asked.find(({ member }) => member === `${time.dimension}.${time.granularity}`)
    return [{ member: `time.${time.granularity}`, values: grouped?.values ?? [] }]
  }
  return []
}

/** Numbers travel as strings, so that no digit of a sum is lost in JSON. */
function toValue(cell: unknown, isTime: boolean): Value {
  if (cell === null || cell === undefined) return null
  if (typeof cell === 'boolean') return cell
  if (typeof cell === 'string') return isTime ? toTimestamp(cell) : cell
  return typeof cell === 'number' ? String(cell) : JSON.stringify(cell)
}

const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?: ?(?:UTC|Z|[+-]\d\d:?\d\d))?$/

/** `YYYY-MM-DDTHH:mm:ss.SSS`. The offset is dropped, not applied: Cube's SQL already shifted it. */
function toTimestamp(text: string) {
  const [, day, time, fraction = ''] = TIMESTAMP.exec(text) ?? []
  return day ? `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}` : text
}
