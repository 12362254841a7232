import type { Command } from 'commander'

import type { TokenOptions } from '../commands/token.ts'
import type { ServeOptions } from '../commands/serve.ts'
import type { WorkerCommand } from '../commands/worker.ts'
import { SQL_PORT } from '../sql-endpoint.ts'
import { examples, wholeNumber } from '../terminal/options.ts'

/** For programs, and for a warehouse shared by several machines: token, worker, receive, serve. */
export function serviceCommands(recoup: Command) {
  recoup
    .command('token')
    .summary("a token for Cube's API, good for a day")
    .description(
      "A token for Cube's API: of an administrator, or of a user and good for what that user sees.\n" +
        'Revoking a user does not end a token; its hours do.',
    )
    .option('--user <name>', 'for what this user sees (recoup users)')
    .option('--hours <n>', 'good for so long', wholeNumber('--hours'), 24)
    .addHelpText(
      'after',
      examples(
        'curl -H "Authorization: $(npx recoup token)" <Cube REST>/meta',
        'npx recoup token --user anna --hours 8',
      ),
    )
    .action(async (options: TokenOptions) => {
      const { token } = await import('../commands/token.ts')
      await token(options)
    })

  recoup
    .command('worker')
    .summary('take steps until stopped, for a warehouse shared by several machines')
    .description('Takes steps until stopped. Any number may, on a warehouse given by DATABASE_URL.')
    .option('--grace <seconds>', 'for steps under way to end', wholeNumber('--grace'), 30)
    .option('--ops-port <n>', 'port of /healthz, /readyz, /metrics', wholeNumber('--ops-port'))
    .option('--ops-host <address>', 'where to answer them', '127.0.0.1')
    .addHelpText('after', examples('DATABASE_URL=postgres://... npx recoup worker --ops-port 9464'))
    .action(async (options: WorkerCommand) => {
      const { worker } = await import('../commands/worker.ts')
      worker(options)
    })

  recoup
    .command('receive')
    .summary('an endpoint for feeds that are sent, POST /hooks/<feed>')
    .description(
      'Takes what is sent to the feeds that have a webhook, signed, and answers once it is on disk.\n' +
        'Needs no warehouse: the next recoup up or recoup pull loads what came.',
    )
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <n>', 'port', wholeNumber('--port'), 4100)
    .addHelpText('after', examples('npx recoup receive --port 4100'))
    .action(async (options: { host: string; port: number }) => {
      const { receive } = await import('../commands/receive.ts')
      await receive(options)
    })

  recoup
    .command('serve')
    .summary('Cube, SQL and exports, for a warehouse shared by several machines')
    .description(
      'Cube, SQL for BI tools and exports, over a warehouse that workers fill. Needs CUBEJS_API_SECRET.\n' +
        'Listening to other machines, SQL needs RECOUP_SQL_TLS_CERT and RECOUP_SQL_TLS_KEY.',
    )
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <n>', "Cube's port", wholeNumber('--port'), 4000)
    .option('--export-port <n>', 'port of exports', wholeNumber('--export-port'), 4001)
    .option('--sql-port <n>', 'port of SQL for BI tools', wholeNumber('--sql-port'), SQL_PORT)
    .addHelpText('after', examples('npx recoup serve --port 4000'))
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../commands/serve.ts')
      await serve(options)
    })
}
