import { int32, message } from '#cube/sql/wire/messages.ts'

import { send, startUp } from './raw-messages.ts'
import { ada, openRaw, openRawSession } from './raw.ts'

/** Sends so many streams of messages, damaged at random, each on a connection of its own. */
export async function fuzz({
  port,
  cases,
  seed,
  atOnce = 8,
  login = ada,
}: {
  port: number
  cases: number
  seed: number
  atOnce?: number
  login?: typeof ada
}): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < cases) await oneCase(port, seed + next++, login)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** The same seed sends the same bytes. */
async function oneCase(port: number, seed: number, login: typeof ada) {
  const random = mulberry(seed)
  const isStranger = random() < 0.3
  const raw = isStranger ? openRaw(port) : await openRawSession(port, login)
  const stream = isStranger ? strangers(random) : clients(random)
  const bytes = damaged(stream, random)
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 3 * bytes.length)
    raw.socket.write(bytes.subarray(at, at + size))
    at += size
    if (random() < 0.5) await new Promise(setImmediate)
  }
  if (random() < 0.3) raw.socket.destroy()
  else raw.socket.end()
  await raw.closed()
}

function strangers(random: () => number) {
  const scram = Buffer.from('n,,n=,r=abc')
  return pick(random, [
    [startUp({ user: 'ada' })],
    [startUp({ user: 'ada', options: '-c TimeZone=UTC' }, 196_610)],
    [int32(8, 80_877_103), startUp({ user: 'ada' })],
    [int32(8, 80_877_104, 16, 80_877_102, 1, 2)],
    [startUp({ user: 'ada' }), message('p', 'SCRAM-SHA-256\0', int32(scram.length), scram)],
  ])
}

function clients(random: () => number) {
  const { query, parse, bind, describe, execute, closeStatement, sync, flush } = send
  const name = () => pick(random, ['', 's', 't'])
  const sql = () =>
    pick(random, ['select 1', 'select secret', 'select {version}', 'begin', 'x', ''])
  return Array.from({ length: 1 + Math.floor(random() * 20) }, () =>
    pick(random, [
      () => query(sql()),
      () => parse(name(), sql()),
      () => bind(name(), name()),
      () => describe(name()),
      () => execute(name(), Math.floor(random() * 3)),
      () => closeStatement(name()),
      () => sync,
      () => flush,
    ])(),
  )
}

/** Some bytes changed, left out or put in; sometimes none. */
function damaged(messages: readonly Buffer[], random: () => number): Buffer {
  let bytes = Buffer.concat(messages)
  for (let times = Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * bytes.length)
    const noise = Buffer.from(Array.from({ length: 1 + random() * 8 }, () => random() * 256))
    const cut = Math.floor(random() * 8)
    bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + cut)])
  }
  return bytes
}

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

function mulberry(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
