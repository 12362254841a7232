import { randomInt } from 'node:crypto'

import pg from 'pg'

import { comparable, questionsOf, type Who } from './questions.ts'

/** What came of many clients at once. */
export interface Soaked {
  answers: number
  /** The first few of those that were not right. */
  wrong: string[]
  cancels: number
  disconnects: number
  /** Of statements that were neither cancelled nor cut off. */
  errors: string[]
}

const users: Who[] = ['all', 'some', 'one']

/**
 * Has clients ask for so long, each by chance in one of the ways that drivers know, now and then
 * cancelled or cut off in the middle. Each answer is compared with one that was had by hand before.
 */
export async function soak(options: {
  /** The warehouse itself, as its owner. */
  facts: string
  endpoint: (who: Who) => string
  clients: number
  seconds: number
  onTick?: (soaked: Soaked) => void
}): Promise<Soaked> {
  const right = await rightAnswers(options.facts)
  const soaked: Soaked = { answers: 0, wrong: [], cancels: 0, disconnects: 0, errors: [] }
  const until = Date.now() + options.seconds * 1000
  const ticking = setInterval(() => options.onTick?.(soaked), 1000)
  const one = async (who: Who) => {
    while (Date.now() < until)
      await life(who, options.endpoint(who), right.get(who)!, soaked, until)
  }
  await Promise.all(Array.from({ length: options.clients }, (_, n) => one(users[n % 3]!)))
  clearInterval(ticking)
  return soaked
}

type Answers = Map<string, string>

async function rightAnswers(facts: string): Promise<Map<Who, Answers>> {
  const client = new pg.Client({ connectionString: facts })
  await client.connect()
  const all = new Map<Who, Answers>()
  for (const who of users) {
    const answers: Answers = new Map()
    for (const { sql, byHand } of questionsOf(who))
      answers.set(sql, comparable((await client.query<Row>(byHand)).rows))
    all.set(who, answers)
  }
  await client.end()
  return all
}

/** A client from its connection to its end, which may come at any time. */
async function life(who: Who, url: string, right: Answers, soaked: Soaked, until: number) {
  const client = new pg.Client({ connectionString: url })
  let isCutOff = false
  client.on('error', () => {})
  await client.connect()
  const statements = randomInt(3, 30)
  for (let n = 0; n < statements && Date.now() < until; n++) {
    const questions = questionsOf(who)
    const { sql, values } = questions[randomInt(questions.length)]!
    const fate = randomInt(40)
    let isCancelled = false
    if (fate === 0)
      soon(() => {
        isCancelled = true
        soaked.cancels++
        cancel(client, url)
      })
    if (fate === 1)
      soon(() => {
        isCutOff = true
        soaked.disconnects++
        streamOf(client).destroy()
      })
    try {
      const rows = await ask(client, sql, values)
      if (isCutOff) return
      soaked.answers++
      if (comparable(rows) !== right.get(sql) && soaked.wrong.length < 5)
        soaked.wrong.push(
          `${who}: ${sql}\n${comparable(rows).slice(0, 300)}\nnot\n${right.get(sql)?.slice(0, 300)}`,
        )
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (isCutOff) return
      const isExpected = code === '57014' || (isCancelled && code === '25P02')
      if (!isExpected && soaked.errors.length < 20) soaked.errors.push(`${code} ${message}`)
      if (!isExpected) break
      await client.query('ROLLBACK').catch(() => {})
    }
  }
  if (!isCutOff) await client.end().catch(() => {})
}

function soon(work: () => void) {
  setTimeout(work, randomInt(30))
}

let names = 0

/** In one message, prepared, prepared under a name, or in parts. */
async function ask(client: pg.Client, sql: string, values: unknown[] = []) {
  const way = randomInt(4)
  if (way === 0) return (await client.query<Row>(inline(sql, values))).rows
  if (way === 1) return (await client.query<Row>(sql, values)).rows
  if (way === 2) return (await client.query<Row>({ name: nameOf(sql), text: sql, values })).rows
  const cursor = `c${names++}`
  await client.query('BEGIN')
  await client.query(`DECLARE ${cursor} CURSOR FOR ${inline(sql, values)}`)
  const rows: Row[] = []
  for (;;) {
    const part = (await client.query<Row>(`FETCH 7 FROM ${cursor}`)).rows
    if (part.length === 0) break
    rows.push(...part)
  }
  await client.query('COMMIT')
  return rows
}

type Row = Record<string, unknown>

function nameOf(sql: string) {
  return `s${sql.length}_${sql.charCodeAt(8)}`
}

function inline(sql: string, values: unknown[]) {
  return sql.replaceAll(/\$(\d)/g, (_, place) => `'${String(values[Number(place) - 1])}'`)
}

function cancel(client: pg.Client, url: string) {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const other = new pg.Client({ connectionString: url })
  const { connection } = other as unknown as {
    connection: {
      connect(port: number, host: string): void
      cancel(pid: number, key: number): void
      on(event: string, listen: () => void): void
      once(event: string, listen: () => void): void
    }
  }
  connection.on('error', () => {})
  connection.once('connect', () => connection.cancel(processID, secretKey))
  connection.connect(Number(new URL(url).port), '127.0.0.1')
}

function streamOf(client: pg.Client) {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}
