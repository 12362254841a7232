/** How lineage can be printed. */
export const lineageFormats = ['table', 'mermaid', 'dot', 'json'] as const
export type LineageFormat = (typeof lineageFormats)[number]
