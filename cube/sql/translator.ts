import type { SecurityContext } from '../access/user.ts'
import type { Translated } from './rewrite/translate.ts'

/** What Postgres runs in place of a statement over the views. */
export interface Translation extends Translated {
  /**
   * Set when `text` reads rollups: the version of the warehouse that they are of. A prepared
   * statement is translated anew once `Translator.version()` is another one.
   */
  validAt?: string
}

/** Turns what a BI tool sends into what Postgres may run. */
export interface Translator {
  /** @throws Refusal with SQLSTATE, sentence and hint */
  translate(sql: string, asker: Asker): Promise<Translation>
  /** The version of the warehouse now. */
  version(): Promise<string>
}

/** Who asks, in one session. */
export interface Asker {
  user: string
  context: SecurityContext
}
