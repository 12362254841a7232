import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

const everyMs = 250

/** Says how far a step is: a fraction from 0 to 1, and a few words. */
export type Progress = (fraction: number, note?: string) => void

/**
 * Writes a step's progress outside its transaction, so that others can see it, and seldom.
 * Progress that cannot be written is lost; it never fails a step.
 */
export function progressOf(
  db: Kysely<AnyDatabase>,
  step: { id: number; attempt: number },
): { report: Progress; end: () => Promise<void> } {
  let latest: { fraction: number; note: string | null } | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<unknown> = Promise.resolve()

  const write = () => {
    timer = undefined
    if (!latest) return
    const { fraction, note } = latest
    latest = undefined
    timer = setTimeout(write, everyMs)
    writing = sql`
      update engine.step set progress = ${fraction}, note = ${note}
      where id = ${step.id} and attempt = ${step.attempt} and state = 'running'`
      .execute(db)
      .catch(() => {})
  }
  return {
    report(fraction, note) {
      latest = { fraction: Math.min(1, Math.max(0, fraction)), note: note ?? null }
      if (!timer) write()
    },
    async end() {
      latest = undefined
      clearTimeout(timer)
      await writing
    },
  }
}
