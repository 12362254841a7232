/** A receiver in a process of its own, for tests that kill it. */
import { startReceiver } from '#jobs/receive/receiver.ts'

import { feed, secret } from './kit.ts'

const [inbox] = process.argv.slice(2)
const { url } = await startReceiver({ inbox: inbox! }, [feed], { env: { LEDGER_SECRET: secret } })
console.log(url)
