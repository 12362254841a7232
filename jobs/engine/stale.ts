import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset, Source } from '#kit/asset.ts'

import { codeVersion } from './code-version.ts'
import { readsOf } from './graph.ts'

/** Whether the outside world has something for a source that was not loaded yet. */
export type HasNews = (source: Source) => Promise<boolean>

/** What is known of an asset's materializations. */
interface Latest {
  asset: string
  latest: number | null
  codeVersion: string | null
  reads: Record<string, number> | null
  /** The newest materialization that changed the table. */
  changed: number | null
}

/** The assets that need materializing by themselves, with the reason; what derives from them comes on top. */
export async function stale(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
  hasNews: HasNews,
): Promise<Map<string, string>> {
  const latest = await latestOf(db, assets)
  const reasons = new Map<string, string>()
  for (const asset of assets) {
    const reason = await reasonToRun(asset, latest, hasNews)
    if (reason) reasons.set(asset.name, reason)
  }
  return reasons
}

async function reasonToRun(
  asset: Asset,
  latest: Map<string, Latest>,
  hasNews: HasNews,
): Promise<string | undefined> {
  const own = latest.get(asset.name)
  if (!own?.latest) return 'was never materialized'
  if (asset.kind === 'source') return (await hasNews(asset)) ? 'has new files' : undefined
  if (own.codeVersion !== codeVersion(asset)) return 'its definition changed'
  const newer = readsOf(asset).find(
    (name) => (latest.get(name)?.changed ?? 0) > (own.reads?.[name] ?? 0),
  )
  return newer && `${newer} changed`
}

async function latestOf(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
): Promise<Map<string, Latest>> {
  const names = assets.map(({ name }) => name)
  const { rows } = await sql<Latest>`
    select wanted.asset, own.id as latest, own.code_version as "codeVersion", own.reads,
           changed.id as changed
    from unnest(${names}::text[]) as wanted (asset)
    left join lateral (
      select id, code_version, reads from engine.materialization as m
      where m.asset = wanted.asset and partition = '' order by id desc limit 1
    ) as own on true
    left join lateral (
      select id from engine.materialization as m
      where m.asset = wanted.asset and partition = '' and m.changed order by id desc limit 1
    ) as changed on true`.execute(db)
  return new Map(rows.map((row) => [row.asset, row]))
}
