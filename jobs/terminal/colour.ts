import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours what goes to standard output: only on a terminal, and never against NO_COLOR. */
const paint = (style: Style) => (words: string) =>
  styleText(style, words, { stream: process.stdout })

export const bold = paint('bold')
export const faint = paint('dim')
export const good = paint('green')
export const bad = paint('red')
export const notable = paint('yellow')
