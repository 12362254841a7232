import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { type Address, DEFAULT_ADDRESS, isThisMachine } from '#cube/bi/address.ts'
import { type ApplyOptions, applyToQuickSight } from '#cube/bi/apply.ts'
import { type Artefact, findDifferences, writeArtefacts } from '#cube/bi/artefacts.ts'
import { EXAMPLE_ACCOUNT } from '#cube/bi/quicksight-types.ts'
import { quicksightAssets, quicksightFiles } from '#cube/bi/quicksight.ts'
import { tableauFiles } from '#cube/bi/tds.ts'
import { readViews } from '#cube/bi/views.ts'

import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { several } from '../terminal/values.ts'

/** What was typed after `recoup bi tableau`. */
export interface TableauOptions extends Partial<Address> {
  out?: string
  check?: boolean
}

/** What was typed after `recoup bi quicksight`. */
export interface QuickSightOptions extends TableauOptions {
  accountId?: string
  region?: string
  apply?: boolean
  spice?: boolean
  principal?: string
  secretArn?: string
  user?: string
}

/** `recoup bi tableau`: a data source per view, written or checked. */
export async function tableau(options: TableauOptions): Promise<number> {
  const address = addressOf(options)
  const files = tableauFiles(await readViews(), address)
  return await put('tableau', files, {
    ...options,
    isOwn: isDeepStrictEqual(address, DEFAULT_ADDRESS),
  })
}

/** `recoup bi quicksight`: its files, written or checked, or the calls that bring it there. */
export async function quicksight(options: QuickSightOptions): Promise<number> {
  if (options.apply) return await apply(options)
  const { accountId, region } = EXAMPLE_ACCOUNT
  const address = addressOf(options)
  const account = {
    accountId: options.accountId ?? accountId,
    region: options.region ?? region,
  }
  const files = quicksightFiles(await readViews(), address, account)
  const isOwn = isDeepStrictEqual([address, account], [DEFAULT_ADDRESS, EXAMPLE_ACCOUNT])
  return await put('quicksight', files, { ...options, isOwn })
}

async function apply(options: QuickSightOptions): Promise<number> {
  const { accountId, principal, host, region = process.env.AWS_REGION } = options
  const missing = Object.entries({ host, 'account-id': accountId, region, principal })
    .filter(([, value]) => !value)
    .map(([name]) => `--${name}`)
  if (!host || !accountId || !region || !principal)
    throw new UsageError(`--apply also needs ${missing.join(', ')}.`)

  const assets = quicksightAssets(
    await readViews(),
    addressOf(options),
    { accountId, region },
    options.spice ? ['direct', 'spice'] : ['direct'],
  )
  const credentials = credentialsOf(options)
  const steps = applyToQuickSight(assets, {
    region,
    principal,
    ...(credentials && { credentials }),
  })
  for await (const { asset, outcome } of steps) console.log(`${outcome}: ${asset}`)
  return exitCodes.ok
}

function credentialsOf({ secretArn, user }: QuickSightOptions): ApplyOptions['credentials'] {
  if (secretArn && user) throw new UsageError('Either --secret-arn or --user, not both.')
  if (secretArn) return { secretArn }
  if (!user) return undefined
  const password = process.env.RECOUP_BI_PASSWORD
  if (password) return { user, password }
  throw new UsageError(`--user ${user} needs the password, in RECOUP_BI_PASSWORD.`)
}

/** Writes or checks files. The folder of this project takes only its own, which `npm test` checks. */
async function put(
  tool: string,
  files: Artefact[],
  { out, check, isOwn }: { out?: string; check?: boolean; isOwn: boolean },
): Promise<number> {
  const own = join(import.meta.dirname, '../../cube/bi', tool)
  const folder = relative('', out ?? own)
  if (!isOwn && out === undefined)
    throw new UsageError(`Name a folder with --out: ${folder} is for the default address.`)
  const command = `npx recoup bi ${tool}${out ? ` --out ${out}` : ''}`
  if (check) return await checkFiles(folder, files, command)

  const written = await writeArtefacts(folder, files)
  const unchanged = files.length - written.length
  console.log(`${folder}: ${several(written.length, 'file')} written, ${unchanged} unchanged.`)
  return exitCodes.ok
}

async function checkFiles(folder: string, files: Artefact[], command: string): Promise<number> {
  const differences = await findDifferences(folder, files)
  if (differences.length === 0) return exitCodes.ok
  for (const difference of differences) console.error(difference)
  console.error(`To renew them: ${command}`)
  return exitCodes.failed
}

function addressOf({ host, port, database, tls }: Partial<Address>): Address {
  return {
    host: host ?? DEFAULT_ADDRESS.host,
    port: port ?? DEFAULT_ADDRESS.port,
    database: database ?? DEFAULT_ADDRESS.database,
    tls: tls ?? !isThisMachine(host ?? DEFAULT_ADDRESS.host),
  }
}
