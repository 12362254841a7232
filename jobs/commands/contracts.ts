import { describeFeed, feedPage } from '#kit/describe.ts'
import { sources } from '#pipelines/sources.ts'

import { bold } from '../terminal/colour.ts'
import { json, type Format } from '../terminal/formats.ts'
import { table } from '../terminal/table.ts'
import { findSource } from '../find-source.ts'

/** `recoup contracts [feed]`: what a feed must look like, or which feeds there are. */
export function contracts(feed: string | undefined, { format }: { format: Format }) {
  const found = feed === undefined ? sources : [findSource(feed)]
  const described = found.map(describeFeed)
  const [first] = described
  if (format === 'json') console.log(json(feed === undefined ? described : first))
  else if (feed !== undefined && first) console.log(feedPage(first))
  else {
    const rows = described.map(({ feed: name, description }) => [bold(name), description])
    console.log(table([{ title: 'Feed' }, { title: 'What it is' }], rows))
    console.log('\nWhat one must look like: recoup contracts fee_event')
  }
}
