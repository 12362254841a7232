import type { Batch } from './batch.ts'
import type { WriteBatch } from './landing.ts'
import type { Books } from './books.ts'
import type { Landed } from './ledger.ts'
import { type RawTable, sumOf } from './raw-table.ts'

/**
 * Writes each batch in a transaction of its own, with its quarantine and the ledger. If a key that
 * was thought new is in the table all the same, because somebody else wrote there or the filter was
 * out of date, the whole batch passes through the stage.
 */
export function inBatches(table: RawTable, books: Books): WriteBatch {
  const commit = async (batch: Batch, bring: () => Promise<Landed>) => {
    await table.begin()
    try {
      const landed = sumOf(await bring(), rejectedOf(batch))
      await books.setAside(batch)
      await books.commit(landed, batch.end!)
    } catch (error) {
      await table.rollBack()
      throw error
    }
  }

  return async (batch) => {
    try {
      await commit(batch, async () => {
        await table.copy(batch.arriving)
        const { stagedRows, hasShared } = batch
        if (stagedRows > 0) await table.stage(batch.staged.pieces, { flagged: true })
        const parts = hasShared ? (['alone', 'shared'] as const) : (['alone'] as const)
        return sumOf(newRows(batch), await table.merge(stagedRows, stagedRows > 0 ? parts : []))
      })
    } catch (error) {
      if (!isKnownKey(error)) throw error
      batch.arriving.decline()
      await batch.arriving.over()
      await commit(batch, async () => {
        // The direct rows came first wherever one of them and a staged one have the same key.
        await table.stage(batch.direct.pieces, { flagged: false })
        await table.stage(batch.staged.pieces, { flagged: true })
        return await table.merge(batch.directRows + batch.stagedRows, ['all'])
      })
    }
  }
}

/** Rows that are new without a look at the table. */
export function newRows({ directRows }: Pick<Batch, 'directRows'>): Landed {
  return { rowsRead: directRows, rowsNew: directRows, rowsNewer: 0, rowsSame: 0, rowsRejected: 0 }
}

export function rejectedOf({ rejectedRows }: Pick<Batch, 'rejectedRows'>): Landed {
  return {
    rowsRead: rejectedRows,
    rowsNew: 0,
    rowsNewer: 0,
    rowsSame: 0,
    rowsRejected: rejectedRows,
  }
}

/** Whether a statement met a key that the table has. */
export function isKnownKey(error: unknown): boolean {
  return (error as { code?: unknown }).code === '23505'
}
