import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { CubejsServerCore } from '@cubejs-backend/server-core'
import { maskedMembers } from '../access/sight.ts'
import type { SecurityContext } from '../access/user.ts'
import type { Freshen } from './freshness.ts'

/** A query in the words of Cube's REST API; members may be expressions, as JSON. */
export interface DoorQuery {
  measures: string[]
  dimensions: string[]
  timeDimensions: { dimension: string; granularity?: string; dateRange?: [string, string] }[]
  segments: string[]
  filters: { member: string; operator: string; values?: string[] }[]
  subqueryJoins: { sql: string; joinType: string; alias: string; on: string }[]
  ungrouped?: true
  /** No rollup may answer: a mask is made of the facts' own column. */
  fromRows?: true
  /** A dimension of the view, to say something of its rows by. */
  anchor: string
}

/** SQL that Cube made, `$0$`, `$1$` ... standing for the values. */
export interface DoorSql {
  sql: string
  values: (string | number | boolean | null | undefined)[]
  /** The rollups that it reads; in it stands a mark for the table of each. */
  rollups: Rollups | undefined
}

/** The rollups of one query of Cube's, as Cube describes them. */
export type Rollups = object

/** SQL that reads the rollups of one version of the warehouse. */
export interface OfVersion {
  text: string
  validAt: string
}

/** A view as Cube describes it to one user. */
export interface DoorView {
  name: string
  title: string
  description: string
  members: DoorMember[]
}

export interface DoorMember {
  /** `fees.day` */
  name: string
  kind: 'dimension' | 'measure' | 'segment'
  /** string, number, boolean or time */
  type: string
  title: string
  description: string
  meta: Record<string, unknown>
  masked: boolean
  /** Of a table that the facts refer to, one row of which stands beside many of theirs. */
  joined: boolean
}

/** Where SQL over the views comes in: Cube's planner, its policies and its rollups. */
export interface SqlDoor {
  /** @throws when Cube refuses the query */
  sql(
    context: SecurityContext,
    query: DoorQuery,
    aliases: Record<string, string>,
    params: string[],
    options: { rollups: boolean },
  ): Promise<DoorSql>
  views(context: SecurityContext): Promise<DoorView[]>
  /** Puts the newest tables in the place of the marks; those that are not there are made first. */
  withRollups(text: string, rollups: Rollups[]): Promise<OfVersion>
  /** The version of the warehouse now. */
  version: Freshen
}

const QUERIES_KEPT = 5_000

/** The path that Cube's own SQL API takes, without its parser in Rust. */
export function openSqlDoor(core: CubejsServerCore, version: Freshen): SqlDoor {
  const gateway = core['apiGateway']() as unknown as Gateway
  const kept = new LRUCache<string, Promise<DoorSql>>({ max: QUERIES_KEPT })

  const make = async (securityContext: SecurityContext, { query, ...request }: Request) => {
    const context = await gateway.contextByReq({}, securityContext, 'sql')
    const [, [normalised]] = await gateway.getNormalizedQueries(query, context, true, true)
    const compiler = await gateway.getCompilerApi(context)
    // The planner in JavaScript, also where the addon has the one in Rust: one behaviour everywhere.
    const whole = { ...normalised, ...request, ...OPTIONS }
    const made = await compiler.getSql(gateway.coerceForSqlQuery(whole, context), {
      exportAnnotatedSql: true,
    })
    return asDoorSql(made)
  }

  const sql: SqlDoor['sql'] = async (context, given, memberToAlias, params, options) => {
    const { fromRows, ...plain } = given
    const { anchor: _, ...query } = options.rollups && !fromRows ? plain : withoutRollups(plain)
    const asked = { query: { ...withoutEmpty(query), order: [], timezone: 'UTC' }, memberToAlias }
    const key = JSON.stringify([context.groups, context.marketplaces, asked, params.length])
    let making = kept.get(key)
    if (!making) {
      // Cube adds its own values to the list that it is given.
      making = make(context, { ...asked, expressionParams: [...params] })
      kept.set(key, making)
      making.catch(() => kept.delete(key))
    }
    return await making
  }

  return {
    version,
    sql,
    async withRollups(text, rollups) {
      const validAt = await version()
      const tables = new Map<string, string>()
      for (const each of rollups)
        for (const [name, table] of await rollupTables(core, each)) tables.set(name, table)
      return {
        text: text.replaceAll(MARKS, (_, name) => tableOf(`rollup.${name}`, tables)),
        validAt,
      }
    },
    async views(context) {
      const asked = await gateway.contextByReq({}, context, 'meta')
      const meta = await answerOf<Meta>((res) => gateway.meta({ context: asked, res }))
      const views = meta.cubes.filter(({ type }) => type === 'view')
      return await Promise.all(
        views.map(async (view) => describe(view, await maskedMembers(core, context, view.name))),
      )
    },
  }
}

/** A schema that nobody can name in advance, in the place of `rollup`. */
const MARK = `rollup_${randomBytes(8).toString('hex')}`
const MARKS = new RegExp(`\\b${MARK}\\.(\\w+)`, 'g')

function asDoorSql({ sql: [text, values], preAggregations, ...rest }: MadeSql): DoorSql {
  const sql = inBusinessDays(text)
  if (preAggregations.length === 0) return { sql, values, rollups: undefined }
  const rollups = { ...rest, preAggregations, query: text, values }
  return { sql: sql.replaceAll(/\brollup\.(?=\w)/g, `${MARK}.`), values, rollups }
}

function tableOf(name: string, tables: Map<string, string>): string {
  const table = tables.get(name)
  if (table === undefined) throw new Error(`Cube has made no table of the rollup ${name}.`)
  return table
}

const OPTIONS = { disableExternalPreAggregations: true, useNativeSqlPlanner: false }

interface Request {
  query: object
  memberToAlias: Record<string, string>
  expressionParams: string[]
}

/** What Cube's own SQL API uses of the gateway; most of it is protected. */
interface Gateway {
  contextByReq(request: object, context: object, id: string): Promise<object>
  getNormalizedQueries(
    query: object,
    context: object,
    disableLimit: boolean,
    memberExpressions: boolean,
  ): Promise<[string, object[]]>
  getCompilerApi(context: object): Promise<{
    getSql(query: object, options: object): Promise<MadeSql>
  }>
  coerceForSqlQuery(query: object, context: object): object
  meta(request: object): Promise<void>
}

interface MadeSql {
  sql: [string, DoorSql['values']]
  preAggregations: object[]
  cacheKeyQueries: unknown
}

interface Meta {
  cubes: MetaView[]
}

interface MetaView {
  name: string
  type: string
  title?: string
  description?: string
  measures: MetaMember[]
  dimensions: MetaMember[]
  segments: MetaMember[]
}

interface MetaMember {
  name: string
  type?: string
  shortTitle?: string
  description?: string
  meta?: Record<string, unknown>
  /** In its cube, as `kpi_fee.day`. */
  aliasMember?: string
}

/** Cube answers through a callback, errors as well. */
function answerOf<Answer>(ask: (res: (answer: Answer) => void) => Promise<void>) {
  return new Promise<Answer>((resolve, reject) => {
    ask((answer) => {
      const { error } = answer as { error?: string }
      if (error) reject(new Error(error))
      else resolve(answer)
    }).catch(reject)
  })
}

function withoutEmpty(query: Omit<DoorQuery, 'anchor'>) {
  return Object.fromEntries(
    Object.entries(query).filter(([, part]) => !Array.isArray(part) || part.length > 0),
  )
}

/** With a condition that every row meets, and that is about rows, so that no rollup answers it. */
function withoutRollups(query: DoorQuery): DoorQuery {
  const [cubeName = ''] = query.anchor.split('.')
  const sql = `\${${query.anchor}} IS NULL OR 1 = 1`
  const expr = { type: 'SqlFunction', cubeParams: [cubeName], sql }
  const segment = JSON.stringify({ cubeName, alias: 'from_rows', expr, groupingSet: null })
  return { ...query, segments: [...query.segments, segment] }
}

/**
 * Cube takes a date for a moment and shifts it into a zone. Business days have none: as they are, or
 * truncated as timestamps without zone, they stay the same whatever zone a session has. Only what
 * Cube itself wrote looks like this; the user's own casts do not.
 */
function inBusinessDays(sql: string): string {
  return sql
    .replaceAll(BY_DAY, '$1')
    .replaceAll(BY_PERIOD, "date_trunc('$1', $2::timestamp)")
    .replaceAll(MOMENT, '$1')
    .replaceAll("::timestamptz AT TIME ZONE 'UTC'", '::timestamp')
    .replaceAll(/(\$\d+\$)::timestamptz/g, '$1::timestamp')
}

const MOMENT = /\(("\w+"\.\w+)::timestamptz AT TIME ZONE 'UTC'\)/g
const BY_DAY = new RegExp(`date_trunc\\('day', ${MOMENT.source}\\)`, 'g')
const BY_PERIOD = new RegExp(`date_trunc\\('(\\w+)', ${MOMENT.source}\\)`, 'g')

/** The rollups of a query as tables of the newest version, built if they are not there. */
async function rollupTables(core: CubejsServerCore, query: object): Promise<Map<string, string>> {
  const orchestrator = await core.getOrchestratorApi({ securityContext: {}, requestId: 'sql' })
  const rollups = orchestrator.getQueryOrchestrator().getPreAggregations()
  const body = { ...query, requestId: 'sql', cacheMode: 'must-revalidate', persistent: false }
  for (;;)
    try {
      const { preAggregationsTablesToTempTables: tables } =
        await rollups.loadAllPreAggregationsIfNeeded(body as never)
      return new Map(tables.map(([name, { targetTableName }]) => [name, targetTableName]))
    } catch (error) {
      if (!String((error as { error?: unknown }).error ?? error).includes('Continue wait'))
        throw error
    }
}

function describe(view: MetaView, masked: Set<string>): DoorView {
  const cubeOf = ({ aliasMember }: MetaMember) => aliasMember?.split('.')[0]
  const facts = cubeOf(view.dimensions[0]!)
  const members = (kind: DoorMember['kind'], list: MetaMember[]) =>
    list.map((member) => ({
      name: member.name,
      kind,
      type: member.type ?? 'boolean',
      title: member.shortTitle ?? member.name,
      description: member.description ?? '',
      meta: member.meta ?? {},
      masked: masked.has(member.name),
      joined: kind === 'dimension' && cubeOf(member) !== facts,
    }))
  return {
    name: view.name,
    title: view.title ?? view.name,
    description: view.description ?? '',
    members: [
      ...members('dimension', view.dimensions),
      ...members('segment', view.segments),
      ...members('measure', view.measures),
    ],
  }
}
