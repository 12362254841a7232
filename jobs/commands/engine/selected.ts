import type { Asset } from '#kit/asset.ts'

import { fileOf } from '../../asset-file.ts'
import type { Unit } from '../../engine/graph.ts'
import { select, UnknownSelection } from '../../engine/selection.ts'
import { UsageError } from '../../terminal/mistakes.ts'

/** The units that the words of a selection mean, in their order. */
export function selected(words: readonly string[], assets: readonly Asset[]): Unit[] {
  try {
    return select(words.join(' '), assets, fileOf)
  } catch (error) {
    if (error instanceof UnknownSelection) throw new UsageError(error.message)
    throw error
  }
}
