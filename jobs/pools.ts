import type { Pools } from './engine/pools.ts'

/**
 * The resources that steps share, with their limits. An asset names its pool; without one it is in
 * `warehouse`. An API that bears two calls a second: `{ total: 1, rate: { steps: 2, seconds: 1 } }`.
 */
export const pools: Pools = {
  // Loading keeps a worker busy and derived tables Postgres: a third step uses what is left.
  warehouse: { perWorker: 3 },
}
