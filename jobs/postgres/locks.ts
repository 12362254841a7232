/**
 * The advisory locks of Recoup, each by its first key: one list, so that no two mean different things.
 * The second key says which one of its kind.
 */
export const locks = {
  /** Using the embedded server; a process holds it for as long as it does. */
  server: 7_326_871,
  /** Being the Recoup that is up. */
  up: 7_326_872,
  /** Loading an asset, or a partition of it. */
  load: 7_326_873,
  /** Planning runs. */
  plan: 7_326_874,
  /** A worker's sign of life, held for as long as it lives. */
  presence: 7_326_875,
  /** A run: shared by steps that end by themselves, alone by what ends several. */
  run: 7_326_876,
  /** Letting waiting steps of a run go. */
  window: 7_326_881,
  /** Numbering an asset's materializations. */
  history: 7_326_877,
  /** The alerts of one key. */
  alert: 7_326_878,
  /** Making tables of new assets. */
  tables: 7_326_879,
  /** Fetching a feed from its origin. */
  pull: 7_326_880,
  /** Looking what is due. */
  tick: 7_326_881,
} as const
