/** What a notice is about, as far as it is known. */
export interface About {
  run?: number
  step?: number
  asset?: string
  partition?: string
  /** Who looks after the asset. */
  owner?: string
}

export type Severity = 'error' | 'warning'

/** One thing that people are told: something is wrong, has become worse, or is over. */
export interface Notice {
  kind: 'raised' | 'worsened' | 'recovered' | 'test'
  key: string
  severity: Severity
  title: string
  body: string
  about: About
  /** When it began. */
  since: string
  /** When this was known. */
  at: string
  /** How often it was seen. */
  times: number
  /** Of one that is over: why. */
  note?: string | null
}

/** A notice with the id that it has in every channel and at every try. */
export interface Letter {
  id: string
  notice: Notice
}
