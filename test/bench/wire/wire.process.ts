/** An endpoint in a process of its own that passes SQL through. Tells its port; on a line, its memory. */
import { createInterface } from 'node:readline'

import { makeVerifier } from '#cube/access/verifier.ts'
import { startWire } from '#cube/sql/wire/start-wire.ts'

const [url = ''] = process.argv.slice(2)
const context = { groups: [] }
const verifier = makeVerifier('ada')
const wire = await startWire({
  translator: {
    translate: async (sql) => ({ text: sql, notices: [], views: [] }),
    version: async () => '1',
  },
  findUser: async (name) => (name === 'ada' ? { name, context, verifier } : undefined),
  backend: { connectionString: url },
  limits: { sessionsPerUser: 100 },
  audit: { note: () => {}, close: async () => {} },
})
console.log(wire.port)
for await (const _ of createInterface(process.stdin)) {
  // Garbage that was not collected yet is no leak.
  globalThis.gc?.()
  console.log(process.memoryUsage().rss)
}
await wire.close()
