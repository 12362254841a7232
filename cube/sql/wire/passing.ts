import { letters, misfit } from './client-letters.ts'
import { letter } from './messages.ts'
import { question, tell } from './questions.ts'
import { lengthAt, type Relay } from './relay.ts'
import { request } from './requests.ts'
import type { Statement } from './statements.ts'

/**
 * Notes a message that goes on as it is; false when it is one that has to be replaced. Nothing is
 * copied here, as this is the way of every execution.
 */
export function passes(relay: Relay, type: number, data: Buffer, at: number, end: number): boolean {
  switch (type) {
    case letters.bind:
      return bindPasses(relay, data, at, end)
    case letters.execute:
      return execute(relay, data, at, end)
    case letters.describe:
    case letters.close:
      return nameOnly(relay, type, data, at, end)
    case letters.sync:
      relay.requests.push(request('S', { cycle: ++relay.cycle }))
      return true
    default:
      return type === letters.flush
  }
}

function bindPasses(relay: Relay, data: Buffer, at: number, end: number) {
  const { portal, statement } = readBind(data, at, end)
  const prepared = relay.statements.get(statement)
  if (prepared && (prepared.validAt !== undefined || prepared.renewedIn !== undefined)) return false
  noteBind(relay, portal, prepared)
  return true
}

/** The names in a Bind; each is read byte for byte, as its encoding is the warehouse's business. */
export function readBind(data: Buffer, at: number, end: number) {
  const middle = data.indexOf(0, at + 5)
  const stop = middle < 0 ? -1 : data.indexOf(0, middle + 1)
  if (stop < 0 || stop >= end) throw misfit(letters.bind, end - at - 1)
  return {
    portal: data.toString('latin1', at + 5, middle),
    statement: data.toString('latin1', middle + 1, stop),
  }
}

export function noteBind(relay: Relay, name: string, statement: Statement | undefined) {
  const { portals, audit, person } = relay
  const before = portals.get(name)
  // It was left before its end.
  if (before && before.question.rows > 0) tell(audit, person, before.question, 'done')
  const portal = statement && {
    question: question(statement.sql, statement.views),
    cycle: relay.cycle,
  }
  if (portal) portals.set(name, portal)
  else portals.delete(name)
  relay.requests.push(request('B', { portal }))
}

function execute(relay: Relay, data: Buffer, at: number, end: number) {
  const stop = data.indexOf(0, at + 5)
  if (stop + 5 !== end) throw misfit(letters.execute, end - at - 1)
  const portal = relay.portals.get(data.toString('latin1', at + 5, stop))
  relay.requests.push(request('E', { portal, mostRows: lengthAt(data, stop + 1) }))
  return true
}

/** Describe and Close: of a statement or of a portal. */
function nameOnly(relay: Relay, type: number, data: Buffer, at: number, end: number) {
  const isOfStatement = data[at + 5] === ofStatement
  const isKnown = isOfStatement || data[at + 5] === ofPortal
  if (!isKnown || data.indexOf(0, at + 6) !== end - 1) throw misfit(type, end - at - 1)
  if (type === letters.describe) relay.requests.push(request('D'))
  else {
    const name = data.toString('latin1', at + 6, end - 1)
    if (isOfStatement) relay.requests.push(request('C', { undo: relay.statements.drop(name) }))
    else {
      relay.requests.push(request('C', { portal: relay.portals.get(name) }))
      relay.portals.delete(name)
    }
  }
  return true
}

const ofStatement = letter('S')
const ofPortal = letter('P')
