/** Assets that do nothing, in the shapes that are measured. */
import * as z from 'zod'

import { type Asset, computed, type Computed, type Readable } from '#kit/asset.ts'
import { count } from '#kit/columns.ts'
import { daily, type PartitionedBy } from '#kit/partitions/dimension.ts'
import { mapped, window } from '#kit/partitions/mapping.ts'

const contract = z.object({ day: z.string(), n: count() })

/** The first day of all partitions here; they end long before now. */
const from = '2020-01-01'

interface NoOp {
  reads?: readonly Readable[]
  partitionedBy?: PartitionedBy
}

function noOp(name: `mart.${string}`, { reads = [], partitionedBy }: NoOp): Computed {
  return computed({
    name,
    description: 'Does nothing.',
    contract,
    grain: ['n'],
    reads,
    version: '1',
    ...(partitionedBy && { partitionedBy }),
    load: async () => ({ rows: 0 }),
  })
}

/** One after the other. */
function chain(length: number): Asset[] {
  const assets: Computed[] = []
  for (let link = 1; link <= length; link++)
    assets.push(noOp(`mart.link_${link}`, { reads: assets.slice(-1) }))
  return assets
}

/** Layers by day, each reading the same day of the one before, and with `neighbours` the day before too. */
export function layers(depth: number, { neighbours = false } = {}): Asset[] {
  const assets: Computed[] = []
  for (let layer = 1; layer <= depth; layer++) {
    const reads = assets.slice(-1).map((up) => (neighbours ? mapped(up, window(1, 0)) : up))
    assets.push(noOp(`mart.layer_${layer}`, { reads, partitionedBy: { day: daily({ from }) } }))
  }
  return assets
}

/** So many days from the first partition on. */
export function days(number: number): string[] {
  const start = Date.parse(from)
  return Array.from({ length: number }, (_, place) =>
    new Date(start + place * 86_400_000).toISOString().slice(0, 10),
  )
}

/** The graph that a worker in a process of its own is to know, by its name. */
export const graphs = { chain: () => chain(50), fanOut: () => layers(6) }

export type GraphName = keyof typeof graphs
