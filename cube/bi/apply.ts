import { setTimeout as sleep } from 'node:timers/promises'

import type { Assets } from './bundle.ts'
import { assetsOf, type QuickSightAsset } from './quicksight-calls.ts'

export interface ApplyOptions {
  region: string
  /** The ARN of the user or group that owns what is created. */
  principal: string
  /** Who connects to the endpoint; without them an existing connection keeps its own. */
  credentials?: { secretArn: string } | { user: string; password: string }
  /** Milliseconds between two looks at what is being created. */
  pause?: number
}

/** What became of one asset. */
export interface Applied {
  asset: string
  outcome: 'created' | 'updated' | 'unchanged'
}

/**
 * Brings QuickSight to what the assets say, one after the other, with the AWS credentials of whoever runs
 * it. What is there already as it should be is left alone.
 */
export async function* applyToQuickSight(
  assets: Assets,
  options: ApplyOptions,
): AsyncGenerator<Applied> {
  const { QuickSight } = await import('@aws-sdk/client-quicksight')
  const client = new QuickSight({ region: options.region, maxAttempts: 5 })
  try {
    for (const asset of assetsOf(assets, client, options)) yield await apply(asset, options)
  } finally {
    client.destroy()
  }
}

async function apply(asset: QuickSightAsset, { pause = 2000 }: ApplyOptions): Promise<Applied> {
  const done = (outcome: Applied['outcome']): Applied => ({ asset: asset.name, outcome })
  const there = await asking(`look at ${asset.name}`, asset.find)
  if (there && !asset.isAlwaysUpdated && contains(there, asset.wanted)) return done('unchanged')

  const [change, verb] = there ? [asset.update, 'update'] : [asset.create, 'create']
  await asking(`${verb} ${asset.name}`, async () => {
    await change()
    while (await asset.isUnderWay?.()) await sleep(pause)
  })
  if (there && asset.publish) await asking(`publish ${asset.name}`, asset.publish)
  return done(there ? 'updated' : 'created')
}

/** Whether all that is wanted is there; QuickSight adds members of its own and leaves out defaults. */
function contains(there: unknown, wanted: unknown): boolean {
  if (isNothing(wanted)) return isNothing(there)
  if (Array.isArray(wanted))
    return (
      Array.isArray(there) &&
      there.length === wanted.length &&
      wanted.every((one, index) => contains(there[index], one))
    )
  if (typeof wanted !== 'object' || wanted === null) return there === wanted
  if (typeof there !== 'object' || there === null) return false
  return Object.entries(wanted).every(([key, one]) =>
    contains((there as Record<string, unknown>)[key], one),
  )
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

async function asking<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const { name, message } = cause as Error
    if (name === 'CredentialsProviderError')
      throw new Error(
        'No AWS credentials were found. Name a profile with AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        { cause },
      )
    const reason = name === 'Error' ? message : `${name}: ${message}`
    throw new Error(`QuickSight did not ${what}. ${reason}`, { cause })
  }
}
