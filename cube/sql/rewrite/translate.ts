import { inPostgresFunctions, inPostgresWords } from './dialects.ts'
import { parse } from './parse.ts'
import { translateStatement } from './statements.ts'
import { startTranslating, type Translating } from './translating.ts'

/** What a text over the views became. */
export interface Translated {
  /** The statements, as Postgres reads them; empty where nothing was asked. */
  text: string
  /** What the one who asked should know of the answer; sent before it as a notice. */
  notices: string[]
  /** The views that the statement reads, for the audit log. */
  views: string[]
}

/** Translates each statement of a text. @throws Refusal for the first that cannot be run */
export async function translate(
  sql: string,
  given: Pick<Translating, 'views' | 'database' | 'user' | 'askCube'>,
): Promise<Translated> {
  const t = startTranslating(given)
  const statements: string[] = []
  for (const statement of parse(inPostgresWords(sql)))
    statements.push(await translateStatement(inPostgresFunctions(statement), t))
  return { text: statements.join('; '), notices: [...t.notices], views: [...t.viewsRead] }
}
