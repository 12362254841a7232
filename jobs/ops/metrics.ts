import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import { type Ending, rowsOf } from '#jobs/engine/observe/ending.ts'

import type { Snapshot } from './snapshot.ts'

const seconds = [0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200]
const states = ['ready', 'waiting', 'running']

/** A worker's metrics in Prometheus's words. */
export interface Metrics {
  count: (ending: Ending) => void
  /** As text, with how much work there is in the warehouse. */
  text: (snapshot: Snapshot | undefined) => Promise<string>
  contentType: string
}

/** Opens a worker's metrics; every pool has its numbers from the start. */
export function openMetrics(pools: readonly string[]): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers })

  const attempts = counter('recoup_steps_total', 'Attempts at steps that ended, by outcome.', [
    'asset',
    'pool',
    'state',
  ])
  const retries = counter(
    'recoup_step_retries_total',
    'Attempts that failed and were made again.',
    ['asset'],
  )
  const rows = counter('recoup_rows_loaded_total', 'Rows loaded, as assets count them.', ['asset'])
  const broken = counter('recoup_checks_broken_total', 'Checks that came out broken.', [
    'asset',
    'severity',
  ])
  const duration = new Histogram({
    name: 'recoup_step_duration_seconds',
    help: 'How long attempts took, from claim to end.',
    labelNames: ['asset', 'state'],
    buckets: seconds,
    registers,
  })
  const steps = gauge('recoup_pool_steps', 'Steps in the warehouse now, of all workers.', [
    'pool',
    'state',
  ])
  const oldest = gauge(
    'recoup_pool_oldest_ready_seconds',
    'How long the oldest ready step waits.',
    ['pool'],
  )
  const runs = gauge('recoup_runs_open', 'Runs under way.', [])
  const outbox = gauge('recoup_outbox_waiting', 'Notices of alerts that wait to be sent.', [])
  const reachable = gauge('recoup_warehouse_up', '1 if the warehouse answered this scrape.', [])

  return {
    count(ending) {
      const { outcome: state, pool, step, verdicts } = ending
      attempts.inc({ asset: step.asset, pool, state })
      if (state === 'retried') retries.inc({ asset: step.asset })
      if (state !== 'abandoned') duration.observe({ asset: step.asset, state }, ending.seconds)
      if (rowsOf(ending) > 0) rows.inc({ asset: step.asset }, rowsOf(ending))
      for (const { asset, check, broken: count } of verdicts)
        if (count > 0) broken.inc({ asset, severity: check.severity })
    },
    async text(snapshot) {
      for (const each of [steps, oldest, runs, outbox]) each.reset()
      reachable.set(snapshot ? 1 : 0)
      if (snapshot) {
        for (const pool of pools) {
          for (const state of states) steps.set({ pool, state }, 0)
          oldest.set({ pool }, 0)
        }
        for (const { pool, state, steps: count, oldestSeconds } of snapshot.pools) {
          steps.set({ pool, state }, count)
          if (oldestSeconds !== null) oldest.set({ pool }, oldestSeconds)
        }
        runs.set(snapshot.openRuns)
        outbox.set(snapshot.outbox)
      } else for (const each of [runs, outbox]) each.remove()
      return await registry.metrics()
    },
    contentType: registry.contentType,
  }
}
