/** An endpoint in a process of its own that passes SQL through. */
import { makeVerifier } from '#cube/access/verifier.ts'
import { startWire } from '#cube/sql/wire/start-wire.ts'

import { serveParent } from '../child.ts'

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
await serveParent(wire.port)
await wire.close()
