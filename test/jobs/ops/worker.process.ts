/** A worker as `recoup worker` runs one, with two assets: one works, one takes its time. */
import { setTimeout as sleep } from 'node:timers/promises'

import { computed } from '#kit/computed.ts'
