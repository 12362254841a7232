import * as z from 'zod'
import type { Source } from '../asset.ts'
import { bytesFor, type Value, valueFieldOf } from '../encode/fields/value-of.ts'
import { columns } from '../table.ts'
import { shown } from '../words.ts'
import { testOf } from './bytes.ts'
import { columnsOf } from './rule.ts'
import { conditionSentence } from './sentence.ts'

/**
 * The contract of a feed with its rules as checks of zod: the judge of a row. A rule is asked once
 * every column is right; its issue stands at the rule's column, its message is the rule's sentence.
 */
export function judged({ name, contract, rules }: Source): z.ZodType {
  if (rules.length === 0) return contract
  const places = columns({ name, contract })
  const types = new Map(places.map(({ name: column, type }) => [column, type]))
  const fields = places.map((column) => ({ column: column.name, write: valueFieldOf(column.type) }))
  const starts = new Int32Array(fields.length)
  let tuple = Buffer.alloc(0)
  const asked = rules.map(({ at, must }) => ({
    at,
    test: testOf(must, places),
    message: conditionSentence(must, types),
    others: columnsOf(must).filter((column) => column !== at),
  }))

  return contract.check(({ value, issues }) => {
    const row = value as Record<string, Value>
    const needed = bytesFor(Object.values(row))
    if (tuple.length < needed) tuple = Buffer.alloc(2 * needed)
    let next = 0
    for (const [i, { column, write }] of fields.entries()) {
      starts[i] = next
      next = write(row[column] ?? null, tuple, next)
      // What cannot be stored is told when it is stored.
      if (next < 0) return
    }
    for (const { at, test, message, others } of asked) {
      if (test(tuple, starts) !== false) continue
      const found = [shown(row[at]), ...others.map((column) => `${column} ${shown(row[column])}`)]
      const params = { found: found.join(' with ') }
      issues.push({ code: 'custom', path: [at], message, input: row[at], params })
    }
  })
}
