import type { BiField } from './views.ts'

/** The description of a field, with what somebody must know who aggregates it. */
export function described({ description, measure }: BiField): string {
  const note = measure && notes[measure.additivity]
  return [description, note].filter(Boolean).join(' ')
}

const notes = {
  additive: '',
  semi_additive:
    'A state at the end of a day: may be summed over slices of one day, not over days.',
  non_additive:
    'The server works it out for each group, so only ask for it live: it cannot be summed or ' +
    'averaged row by row, nor kept in an extract.',
}
