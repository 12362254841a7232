import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

import type { Asset } from '#kit/asset.ts'

const root = join(import.meta.dirname, '..')

/** Where feeds and tables are defined; the rest of these folders serves them. */
const folders = { raw: 'pipelines', mart: 'models' } as const
const notDefinitions = /^(pipelines\/(kit|demo))\//

/**
 * The file that defines an asset, from the top of the project: it is called like its table,
 * `mart.fact_fee` is in `models/fees/fact-fee.ts`. Undefined if there is none.
 */
export function fileOf({ name }: Pick<Asset, 'name'>): string | undefined {
  const [schema = '', table = ''] = name.split('.')
  const wanted = `${table.replaceAll('_', '-')}.ts`
  const folder = (folders as Record<string, string | undefined>)[schema]
  return folder && filesBelow(folder).find((file) => basename(file) === wanted)
}

const known = new Map<string, string[]>()

function filesBelow(folder: string): string[] {
  const found =
    known.get(folder) ??
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter((file) => !notDefinitions.test(file))
      .sort()
  known.set(folder, found)
  return found
}
