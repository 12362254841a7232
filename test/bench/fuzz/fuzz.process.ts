/** A part of a contract's made-up rows, judged twice and stored twice. Prints one line of JSON. */
import pg from 'pg'

import { feedName } from '#kit/read/header.ts'
import { sources } from '#pipelines/sources.ts'
import { fuzz } from '#test/pipelines/encode/fuzz.ts'
import { storedDifferences } from '#test/pipelines/encode/stored.ts'

import type { Found, Part } from '../fuzz.ts'

const { url, feed, seeds, rowsEach } = JSON.parse(process.argv[2]!) as Part

const source = sources.find((one) => feedName(one) === feed)!
const client = new pg.Client({ connectionString: url })
await client.connect()
await client.query(`set timezone = 'UTC'`)
const found: Found = { rows: 0, accepted: 0, judgedOtherwise: [], storedOtherwise: [] }
for (const seed of seeds) {
  const fuzzed = fuzz(source, rowsEach, seed)
  found.rows += fuzzed.rows
  found.accepted += fuzzed.accepted
  for (const row of fuzzed.differences) found.judgedOtherwise.push({ seed, row })
  const { stored, missing } = await storedDifferences(client, source, fuzzed)
  if (stored.length + missing.length > 0) found.storedOtherwise.push({ seed, stored, missing })
}
await client.end()
console.log(JSON.stringify(found))
