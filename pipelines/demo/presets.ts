import type { Cut } from './feed-files.ts'

/** How much a preset of the demo holds. The stories are the same in each. */
export interface Preset {
  sellers: number
  payments: number
  contacts: number
  appeals: number
  /** How its big feeds are cut into files. */
  cut: Cut
}

/** `small` is for tests, `demo` for people. */
export const PRESETS = {
  small: { sellers: 120, payments: 10_700, contacts: 900, appeals: 800, cut: 'quarter' },
  demo: { sellers: 6000, payments: 1_080_000, contacts: 90_000, appeals: 40_000, cut: 'month' },
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof PRESETS
