/** Workers that are killed, and replaced at once or late. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'

import type { Random } from '#pipelines/demo/random.ts'

import { presence } from '../engine/workers.ts'

/** Where the workers work. */
export interface Place {
  url: string
  redisUrl: string | undefined
  /** Their home, with its inbox. */
  folder: string
}

/** So many workers, whatever happens to them. */
export interface Crew extends AsyncDisposable {
  /** Kills one, preferably while it has steps; the result is when others had taken those again. */
  kill: (random: Random) => Promise<Recovery>
  /** The last words of workers that ended without having been killed: there should be none. */
  deserters: readonly string[]
}

/** What became of the steps of a killed worker. */
export interface Recovery {
  steps: number
  /** From the kill until the last of them was taken again or had no need to be. */
  seconds: number
}

const program = join(import.meta.dirname, 'worker.process.ts')

/** Time after which a step counts as never taken again. */
const patienceMs = 60_000

export async function startCrew(db: Kysely<unknown>, size: number, place: Place): Promise<Crew> {
  const alive = new Set<ChildProcess>()
  const deserters: string[] = []
  let isOver = false
  const hire = () => {
    if (isOver) return
    const worker = spawn(process.execPath, [program, JSON.stringify(place)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let hasBegun = false
    let lastWords = ''
    worker.stdout.on('data', () => (hasBegun = true))
    worker.stderr.on(
      'data',
      (words: Buffer) => (lastWords = `${lastWords}${String(words)}`.slice(-2000)),
    )
    alive.add(worker)
    worker.on('close', () => {
      if (!alive.delete(worker) || isOver) return
      // One that starts while Postgres is away says so and ends; who runs it starts it again.
      if (hasBegun) deserters.push(lastWords)
      setTimeout(hire, 500)
    })
  }
  for (let number = 0; number < size; number++) hire()
  await presence(db, size)

  const end = async (worker: ChildProcess) => {
    alive.delete(worker)
    const exit = once(worker, 'exit')
    worker.kill('SIGKILL')
    await exit
  }
  return {
    async kill(random) {
      const busy = await holders(db)
      const known = [...alive]
      const victims = known.filter(({ pid }) => busy.has(pid!))
      const victim = random.pick(victims.length > 0 ? victims : known)
      const isLate = random.chance(0.5)
      const held = await stepsOf(db, victim.pid!)
      await end(victim)
      const since = performance.now()
      if (!isLate) hire()
      await takenAgain(db, held, since)
      const seconds = (performance.now() - since) / 1000
      if (isLate) hire()
      return { steps: held.length, seconds }
    },
    deserters,
    async [Symbol.asyncDispose]() {
      isOver = true
      await Promise.all([...alive].map(end))
    },
  }
}

interface Held {
  id: number
  attempt: number
}

/** The processes that have steps. */
async function holders(db: Kysely<unknown>): Promise<Set<number>> {
  const { rows } = await sql<{ pid: number }>`
    select distinct pid from engine.worker as w
    join engine.step as s on s.worker = w.id where s.state = 'running'`.execute(db)
  return new Set(rows.map(({ pid }) => pid))
}

async function stepsOf(db: Kysely<unknown>, pid: number): Promise<Held[]> {
  const { rows } = await sql<Held>`
    select s.id, s.attempt from engine.worker as w
    join engine.step as s on s.worker = w.id where s.state = 'running' and w.pid = ${pid}`.execute(
    db,
  )
  return rows
}

/** Waits until no step is with the dead worker or ready and waiting for someone to take it. */
async function takenAgain(db: Kysely<unknown>, held: readonly Held[], since: number) {
  while (held.length > 0) {
    const { rows } = await sql`
      select from engine.step
      join unnest(${held.map(({ id }) => id)}::int8[], ${held.map(({ attempt }) => attempt)}::int4[])
        as held (id, attempt) on held.id = step.id
      where (step.state = 'running' and step.attempt = held.attempt) or step.state = 'ready'`.execute(
      db,
    )
    if (rows.length === 0) return
    if (performance.now() - since > patienceMs)
      throw new Error(
        `Steps of a killed worker were not taken again within ${patienceMs / 1000} s.`,
      )
    await sleep(50)
  }
}
