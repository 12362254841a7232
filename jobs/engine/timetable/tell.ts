import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { type Alert, raiseAlert, resolveAlert } from '../../alerts/alert.ts'
import { cleanLine } from '../../alerts/clean.ts'
import type { About, Severity } from '../../alerts/notice.ts'
import { endings } from './problems.ts'

/** Makes the open alerts those of the problems there are now: raises what is new, ends what is gone. */
export async function tellOf(
  db: Kysely<AnyDatabase>,
  problems: readonly Alert[],
): Promise<{ raised: string[]; resolved: string[] }> {
  const open = await openOnes(db)
  const found = new Map(problems.map((problem) => [cleanLine(problem.key, 500), problem]))
  const raised = [...found].filter(([key, problem]) => isNews(problem, open.get(key)))
  const resolved = [...open.keys()].filter((key) => !found.has(key))
  for (const [, problem] of raised) await db.transaction().execute((tx) => raiseAlert(tx, problem))
  for (const key of resolved)
    await db.transaction().execute((tx) => resolveAlert(tx, key, { note: endingOf(key) }))
  return { raised: raised.map(([key]) => key), resolved }
}

type Open = { severity: Severity; about: About }

/** New, worse, or seen in another run or partition than before. */
function isNews({ severity, about = {} }: Alert, open: Open | undefined): boolean {
  if (!open) return true
  if (severity === 'error' && open.severity === 'warning') return true
  const parts = ['run', 'step', 'partition'] as const
  return parts.some((part) => about[part] !== open.about[part])
}

async function openOnes(db: Kysely<AnyDatabase>): Promise<Map<string, Open>> {
  const { rows } = await sql<Open & { key: string }>`
    select key, severity, about from engine.alert
    where resolved_at is null and split_part(key, ': ', 1) = any(${Object.keys(endings)}::text[])`.execute(
    db,
  )
  return new Map(rows.map(({ key, ...open }) => [key, open]))
}

function endingOf(key: string): string {
  return endings[key.split(': ')[0] as keyof typeof endings]
}
