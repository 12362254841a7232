import { CompiledQuery, type Transaction } from 'kysely'

import type { AnyDatabase, Asset, Check } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

import { FinalError } from './errors.ts'

const sampleSize = 5

/** How one check came out: how many rows break it, and the first of them. */
export interface Verdict {
  check: Check<AnyDatabase>
  broken: number
  sample: object[]
}

/** Rows break a check of severity error, so the load is rolled back. */
export class CheckFailed extends FinalError {
  readonly verdicts: readonly Verdict[]

  constructor(asset: Asset, verdicts: readonly Verdict[]) {
    const failed = verdicts.filter(({ check, broken }) => broken > 0 && check.severity === 'error')
    super(failed.map((verdict) => sentence(asset, verdict)).join('\n'))
    this.verdicts = verdicts
  }
}

/** Runs all checks on the rows as loaded; throws if one of severity error is broken. */
export async function judge(tx: Transaction<AnyDatabase>, asset: Asset): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const check of asset.checks) verdicts.push(await run(tx, check))
  const mustHold = verdicts.filter(({ check }) => check.severity === 'error')
  if (mustHold.some(({ broken }) => broken > 0)) throw new CheckFailed(asset, verdicts)
  return verdicts
}

async function run(tx: Transaction<AnyDatabase>, check: Check<AnyDatabase>): Promise<Verdict> {
  const { sql, parameters } = check.broken(tx, whole).compile()
  const about = async <Row>(what: string, limit = '') => {
    const text = `select ${what} from (${sql}) as broken ${limit}`
    return (await tx.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows
  }
  const sample = await about<object>('*', `limit ${sampleSize}`)
  if (sample.length < sampleSize) return { check, broken: sample.length, sample }
  const [counted] = await about<{ rows: number }>('count(*) as rows')
  return { check, broken: counted?.rows ?? sample.length, sample }
}

function sentence(asset: Asset, { check, broken, sample }: Verdict): string {
  return (
    `${asset.name}: ${broken.toLocaleString('en')} row${broken === 1 ? ' breaks' : 's break'} ` +
    `the rule "${check.name}" (${check.because}). First: ${JSON.stringify(sample[0])}. ` +
    'The load was rolled back and the earlier rows stay.'
  )
}
