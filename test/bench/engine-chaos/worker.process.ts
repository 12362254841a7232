/** A worker of the product that also knows the partitioned tables of chaos, to be killed. Prints "begun". */
import { startWorker } from '#jobs/engine/worker.ts'
import { homeOf } from '#jobs/home.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { pools } from '#jobs/pools.ts'
import { assets } from '#jobs/worker.ts'

import { chaosAssets } from './assets.ts'
import type { Place } from './crew.ts'

const { url, redisUrl, folder } = JSON.parse(process.argv[2]!) as Place

const { intake } = inboxOf(homeOf({ RECOUP_HOME: folder }))
const all = [...assets, ...chaosAssets]
await startWorker({ url, redisUrl, assets: all, intake, pools, logger: console })
console.log('begun')
