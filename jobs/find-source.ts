import type { Source } from '#kit/asset.ts'
import { feedName } from '#kit/read/header.ts'
import { sources } from '#pipelines/sources.ts'

import { UsageError } from './terminal/mistakes.ts'
import { didYouMean } from './terminal/nearest.ts'

/** The feed by the name that follows --as. */
export function findSource(feed: string): Source {
  const found = sources.find((source) => feedName(source) === feed)
  if (found) return found
  const names = sources.map(feedName)
  throw new UsageError(
    `There is no feed "${feed}". ${didYouMean(feed, names)}The feeds are ${names.join(', ')}. ` +
      'What each must look like: recoup contracts <feed>',
  )
}
