import { once } from 'node:events'

import { giveBackAtRest } from '../give-back.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { openWorks, readTimetable } from '../worker.ts'

/** `recoup worker`: takes steps until it is stopped; as many as wanted, on as many machines. */
export async function worker() {
  readTimetable()
  await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    await using _worker = await works.startWorker(console)
    await using _time = works.keepTime(console.warn)
    using _memory = giveBackAtRest()
    console.log('Working. Plan something for it: recoup ingest <file> --as <feed>')
    if (!signal.aborted) await once(signal, 'abort')
  })
}
