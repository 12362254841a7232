import { handViews } from './by-hand.ts'
import { type Question, WAYS } from './endpoint.ts'
import { makeDice } from './generate/dice.ts'
import * as overBlocks from './generate/over-blocks.ts'
import * as overTables from './generate/over-tables.ts'
import * as overOneView from './generate/over-one-view.ts'
import { askWords, handWords } from './generate/words.ts'
import { people, type Person } from './people.ts'

/** One question, asked of the endpoint and answered by hand. */
export interface Case {
  number: number
  kind: string
  person: Person
  question: Question
  byHand: string
  isOrdered: boolean
}

const ZONES = ['UTC', 'Pacific/Chatham', 'America/St_Johns', 'Asia/Tokyo', 'Etc/GMT+12']
const { plainGroups, rows, sumsOfRows } = overOneView
const KINDS = [
  ...Object.values(overOneView),
  ...Object.values(overBlocks),
  ...Object.values(overTables),
  // What is asked most in life.
  plainGroups,
  plainGroups,
  rows,
  sumsOfRows,
]

/**
 * The case of this number. Some cases share a shape, which says what is asked and by whom, so that
 * Cube need not plan each anew; constants, spelling, zone and parameters are each case's own.
 */
export function makeCase(seed: number, number: number, shapes: number): Case {
  const dice = makeDice(seed * 1_000_003 + (number % shapes))
  const own = makeDice(seed * 1_000_003 + 500_000_000 + number)
  const person = dice.pick(people)
  const view = dice.pick(handViews)
  const kind = dice.pick(KINDS)
  const { say, isOrdered = false } = kind({ view, dice, drawn: own, hidden: person.hidden })
  const values = own.chance(0.25) ? [] : undefined
  const zone = own.pick(ZONES)
  const sql = say(askWords(view, own, values))
  return {
    number,
    kind: kind.name,
    person,
    question: { sql, values: values ?? [], zone, way: own.chance(0.8) ? 'plain' : own.pick(WAYS) },
    byHand: say(handWords(view, person)),
    isOrdered,
  }
}
