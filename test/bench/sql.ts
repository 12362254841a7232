/** `npm run bench:sql`: what SQL over the views costs beside the same SQL sent to Postgres itself. */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { Client } from 'pg'

import { bad, good } from '#jobs/terminal/colour.ts'
import { table } from '#jobs/terminal/table.ts'
import { startCube } from '#cube/server/start-cube.ts'
import { makeTranslator } from '#cube/sql/make-translator.ts'
import { readColumnTypes } from '#cube/sql/views.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { median } from './median.ts'
import { startServer, withClient } from './server.ts'
import { drain } from './sql/drain.ts'
import { startSql } from './sql/endpoint.ts'
import { fillForBench } from './sql/facts.ts'

const { values: options } = parseArgs({
  options: {
    format: { type: 'string', default: 'table' },
    rounds: { type: 'string', default: '5' },
  },
})
const rounds = Number(options.rounds)

/** One line of the table: what the endpoint took, what Postgres itself took, and what was promised. */
interface Line {
  what: string
  value: number
  unit: string
  peer: number | null
  /** Of the ratio where there is a peer, else of the value. */
  goal: number
  isMet: boolean
}

const lines: Line[] = []
const add = (line: Omit<Line, 'isMet'>, isMet: boolean) => {
  lines.push({ ...line, isMet })
  console.error(
    `${line.what}: ${line.value.toPrecision(4)} ${line.unit}${line.peer ? `, Postgres ${line.peer.toPrecision(4)}` : ''}`,
  )
}

await using server = await startServer({ autovacuum: 'on' })
const direct = await server.makeDatabase('measured')
await withClient(direct, (client) => fillForBench(client))
await using sql = await startSql(direct)
const url = sql.url('all')
const { inPostgres, close } = await translatorOf(direct)

const fees = `SELECT marketplace, SUM(fees_charged) AS charged, MEASURE(recovery_cash_rate) AS rate FROM fees
  WHERE category = 'batteries' GROUP BY 1`
const prepared = fees.replace("'batteries'", '$1')
const values = ['batteries']

await compare('prepared KPI', 1.5, 40, {
  ours: (client) => client.query({ name: 'kpi', text: prepared, values }),
  theirs: async () => {
    const text = await inPostgres(prepared)
    return (client) => client.query({ name: 'kpi', text, values })
  },
})
await compare('simple KPI', 4, 40, {
  ours: (client) => client.query(fees),
  theirs: async () => {
    const text = await inPostgres(fees)
    return (client) => client.query(text)
  },
})
const light = `SELECT partner, SUM(attempts_submitted) AS attempts FROM payments WHERE day >= '2026-10-01' GROUP BY 1`
await compare('simple KPI out of a rollup', 4, 200, {
  ours: (client) => client.query(light),
  theirs: async () => {
    const text = await inPostgres(light)
    return (client) => client.query(text)
  },
})
const other = (n: number) => fees.replace('batteries', `c${n}`)
let constant = 0
await compare('simple KPI with a new constant each time', 4, 40, {
  ours: (client) => client.query(other(constant++)),
  theirs: async () => {
    const text = await inPostgres(fees)
    return (client) => client.query(text.replace('batteries', `c${constant++}`))
  },
})
await measureFirstUse()
await compare('200,000 rows', 1.1, 1, {
  ours: (client) => drain(client, rowsOf(200_000)),
  theirs: async () => {
    const text = await inPostgres(rowsOf(200_000))
    return (client) => drain(client, text)
  },
})
await measureStream()
await measureRate()
await measureRollup()
await close()

if (options.format === 'json')
  console.log(JSON.stringify({ processors: cpus().length, lines }, null, 2))
else {
  const right = (title: string) => ({ title, align: 'right' as const })
  console.log(
    `\n${table(
      [{ title: 'What' }, right('Endpoint'), right('Postgres'), right('Ratio'), right('Goal')],
      lines.map(({ what, value, unit, peer, goal, isMet }) => [
        what,
        `${Number(value.toPrecision(3))} ${unit}`,
        peer === null ? '' : `${Number(peer.toPrecision(3))} ${unit}`,
        peer === null ? '' : (value / peer).toFixed(2),
        (isMet ? good : bad)(`${isMet ? '✓' : '✗'} ${goal}`),
      ]),
    )}`,
  )
}
process.exitCode = lines.every(({ isMet }) => isMet) ? 0 : 1

function rowsOf(rows: number) {
  return `SELECT day, marketplace, payment_id, attempts_submitted FROM payments LIMIT ${rows}`
}

/** The medians of both, each round one after the other, so that both have the same weather. */
async function compare(
  what: string,
  goal: number,
  times: number,
  {
    ours,
    theirs,
  }: {
    ours: (client: Client) => Promise<unknown>
    theirs: () => Promise<(client: Client) => Promise<unknown>>
  },
) {
  const run = await theirs()
  const figures: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] }
  await withClient(url, (endpoint) =>
    withClient(direct, async (postgres) => {
      for (let round = 0; round <= rounds; round++)
        for (const [way, ask] of [
          ['theirs', () => run(postgres)],
          ['ours', () => ours(endpoint)],
        ] as const) {
          const from = performance.now()
          for (let n = 0; n < times; n++) await ask()
          if (round > 0) figures[way].push((performance.now() - from) / times)
        }
    }),
  )
  const [value, peer] = [median(figures.ours), median(figures.theirs)]
  add({ what, value, unit: 'ms', peer, goal }, value / peer <= goal)
}

/** Statements that nobody has sent before; what Postgres takes for them is not counted. */
async function measureFirstUse() {
  const dimensions = ['marketplace', 'category', 'fee_kind', 'seller_id', 'currency', 'stream']
  const measures = [
    'fees_charged',
    'fees_collected',
    'fees_refunded',
    'recovery_cash_rate',
    'fees_count',
  ]
  const times: number[] = []
  await withClient(url, async (client) => {
    for (const [place, one] of dimensions.entries())
      for (const two of dimensions.slice(place + 1))
        for (const measure of measures)
          for (const grain of ['week', 'month', 'year']) {
            // No row is read, so all that takes time is the way there.
            const text = `SELECT ${one}, ${two}, date_trunc('${grain}', day), MEASURE(${measure}) FROM fees
              WHERE ${one} IS NOT NULL AND day = '1990-01-01' GROUP BY 1, 2, 3`
            const first = await timed(() => client.query(text))
            const again = Math.min(
              await timed(() => client.query(text)),
              await timed(() => client.query(text)),
            )
            times.push(first - again)
          }
  })
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.floor(times.length * share)]!
  add(
    {
      what: `first use of a shape, median of ${times.length}`,
      value: at(0.5),
      unit: 'ms',
      peer: null,
      goal: 30,
    },
    at(0.5) <= 30,
  )
  add(
    {
      what: 'first use of a shape, 95th percentile',
      value: at(0.95),
      unit: 'ms',
      peer: null,
      goal: 30,
    },
    at(0.95) <= 30,
  )
}

async function measureStream() {
  const million = `SELECT a.day, a.marketplace, a.payment_id, a.attempts_submitted, n FROM payments a, generate_series(1, 2) AS n LIMIT 1000000`
  await withClient(url, (client) => drain(client, million))
  const before = await sql.memory()
  let most = before
  const watch = setInterval(
    () => void sql.memory().then((now) => (most = Math.max(most, now))),
    100,
  )
  await withClient(url, (client) => drain(client, million))
  clearInterval(watch)
  const growth = most - before
  add(
    {
      what: '1,000,000 rows: memory above the start',
      value: growth,
      unit: 'MiB',
      peer: null,
      goal: 16,
    },
    growth <= 16,
  )
}

async function measureRate() {
  const rate = async (address: string, text: string) => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = new Client({ connectionString: address })
        await client.connect()
        await client.query(text)
        return client
      }),
    )
    let count = 0
    const from = performance.now()
    const until = from + 4000
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() < until) {
          await client.query(text)
          count++
        }
      }),
    )
    const seconds = (performance.now() - from) / 1000
    await Promise.all(clients.map((client) => client.end()))
    return count / seconds
  }
  // A small KPI out of a rollup: what a dashboard asks again and again.
  const small = `SELECT SUM(attempts_submitted) FROM payments WHERE day = '2026-10-05'`
  const peer = await rate(direct, await inPostgres(small))
  const value = await rate(url, small)
  add(
    { what: '8 clients, a KPI of one day', value, unit: 'queries/s', peer, goal: 1500 },
    value >= 1500,
  )
}

async function measureRollup() {
  const rolled = `SELECT marketplace, MEASURE(authorisation_rate_attempt) FROM payments GROUP BY 1`
  const raw = `SELECT marketplace, MEASURE(authorisation_rate_attempt) FROM payments WHERE payment_id <> '' GROUP BY 1`
  await withClient(url, async (client) => {
    const medianOf = async (text: string) => {
      await client.query(text)
      const times: number[] = []
      for (let n = 0; n < 10; n++) times.push(await timed(() => client.query(text)))
      return median(times)
    }
    const [fast, slow] = [await medianOf(rolled), await medianOf(raw)]
    add(
      {
        what: 'a KPI from rows, times its rollup',
        value: slow / fast,
        unit: 'x',
        peer: null,
        goal: 10,
      },
      slow / fast >= 10,
    )
  })
}

async function timed(work: () => Promise<unknown>) {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** What the endpoint has Postgres run, to be sent there without the endpoint. */
async function translatorOf(databaseUrl: string) {
  const cube = await startCube({ databaseUrl, secret: 'bench' })
  const connection = connect(databaseUrl, { max: 2 })
  const context = { groups: ['admin'], marketplaces: 'all' as const }
  const types = await readColumnTypes(
    await cube.sqlDoor.views(context),
    cube.sqlDoor,
    connection.pool,
  )
  const translator = makeTranslator(cube.sqlDoor, { types, database: 'measured' })
  return {
    inPostgres: async (text: string) =>
      (await translator.translate(text, { user: 'all', context })).text,
    async close() {
      await translator.close()
      await connection.close()
      await cube.close()
    },
  }
}
