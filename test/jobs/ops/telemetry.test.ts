import { expect } from 'vitest'

import { waitForRun } from '#jobs/engine/watch.ts'
import { test } from '#test/kit/database.ts'

import { startCollector } from './collector.ts'
import { planNap, startWorkerProcess } from './kit.ts'

test('a collector gets a span for each step, with its parts inside', async ({ db, url }) => {
  const collector = await startCollector()
  const run = await planNap(db, 0)
  const { child, ended } = startWorkerProcess(url, 5, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  })
  await waitForRun(db, run)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)

  const { spans, metrics } = collector
  const steps = spans.filter(({ name }) => name.startsWith('step '))
  expect(steps.map(({ name }) => name).sort()).toEqual(['step mart.napping', 'step raw.feed'])
  for (const { name, spanId, traceId, parentSpanId, attributes, service, links } of steps) {
    expect(service).toBe('recoup')
    expect(parentSpanId ?? '').toBe('')
    expect(attributes).toMatchObject({
      'recoup.run': run,
      'recoup.step': expect.any(Number),
      'recoup.asset': name.slice('step '.length),
      'recoup.partition': '',
      'recoup.attempt': 1,
      'recoup.worker': expect.any(Number),
      'recoup.outcome': 'done',
      'recoup.rows': 2,
    })
    const inside = spans.filter((span) => span.parentSpanId === spanId)
    expect(inside.map((span) => span.name)).toEqual(['fetch', 'load', 'checks', 'settle'])
    expect(inside.every((span) => span.traceId === traceId)).toBe(true)
    // The ticket under which it was taken.
    const [ticket] = links ?? []
    expect(spans.find((span) => span.spanId === ticket?.spanId)).toMatchObject({ scope: 'bullmq' })
  }
  expect([...metrics]).toEqual(
    expect.arrayContaining(['recoup.steps', 'recoup.rows', 'recoup.step.duration']),
  )
})

test('a step that fails says so in its span', async ({ db, url }) => {
  const collector = await startCollector()
  const run = await planNap(db, 0)
  await db.schema.dropTable('mart.napping').execute()
  const { child, ended } = startWorkerProcess(url, 5, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  })
  await waitForRun(db, run)
  child.kill('SIGTERM')
  await ended

  const span = collector.spans.find(({ attributes }) => attributes['recoup.outcome'] === 'failed')
  expect(span?.name).toBe('step mart.napping')
  const error = 'relation "mart.napping" does not exist'
  expect(span?.status).toMatchObject({ code: 2, message: expect.stringContaining(error) })
  expect(span?.events.map(({ name }) => name)).toEqual(['exception'])
  const load = collector.spans.find(
    ({ name, parentSpanId }) => name === 'load' && parentSpanId === span?.spanId,
  )
  expect(load?.status.code).toBe(2)
})

test('a collector that does not answer ends no step and holds up no end', async ({ db, url }) => {
  const run = await planNap(db, 0)
  const { child, ended, lines } = startWorkerProcess(url, 5, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  })
  expect((await waitForRun(db, run)).state).toBe('done')
  const since = Date.now()
  child.kill('SIGTERM')

  expect(await ended).toBe(0)
  expect(Date.now() - since).toBeLessThan(7_000)
  expect(lines.some(({ msg }) => msg.startsWith('OpenTelemetry: '))).toBe(true)
})
