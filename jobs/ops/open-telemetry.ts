import { context, diag, DiagLogLevel, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { BullMQOtel } from 'bullmq-otel'

import { type Ending, rowsOf } from '#jobs/engine/observe/ending.ts'
import type { Logger } from '#jobs/engine/observe/logger.ts'

import { tracingBy } from './step-spans.ts'
import type { Telemetry } from './telemetry.ts'

/**
 * Starts OpenTelemetry by its own settings (`OTEL_EXPORTER_OTLP_*`). BullMQ's spans are not propagated
 * through jobs: a ticket would then be a child of the one before it, without end.
 */
export function startOpenTelemetry(logger: Logger): Telemetry {
  const warn = (message: string) => logger.warn({}, `OpenTelemetry: ${message}`)
  const silent = () => {}
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const name = process.env.OTEL_SERVICE_NAME || 'recoup'
  const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': name }))
  const patience = process.env.OTEL_EXPORTER_OTLP_TIMEOUT ? {} : { timeoutMillis: 3_000 }
  const spans = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(patience) })
  const tracers = new TracerProvider({ resource, spanProcessors: [spans] })
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(patience),
  })
  const meters = new MeterProvider({ resource, readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(tracers)
  metrics.setGlobalMeterProvider(meters)

  return {
    tracing: {
      begin: tracingBy(tracers.getTracer('recoup')),
      queue: new BullMQOtel({ enableMetrics: true }),
    },
    onEnding: countedBy(meters),
    async [Symbol.asyncDispose]() {
      const ends = await Promise.allSettled([tracers.shutdown(), meters.shutdown()])
      for (const end of ends) if (end.status === 'rejected') warn(String(end.reason))
      for (const api of [context, trace, metrics, diag]) api.disable()
    },
  }
}

function countedBy(meters: MeterProvider) {
  const meter = meters.getMeter('recoup')
  const steps = meter.createCounter('recoup.steps', { description: 'Attempts that ended.' })
  const rows = meter.createCounter('recoup.rows', { description: 'Rows loaded.' })
  const duration = meter.createHistogram('recoup.step.duration', { unit: 's' })
  return (ending: Ending) => {
    const { step, pool, outcome } = ending
    const of = { 'recoup.asset': step.asset, 'recoup.pool': pool, 'recoup.outcome': outcome }
    steps.add(1, of)
    if (outcome !== 'abandoned') duration.record(ending.seconds, of)
    if (rowsOf(ending) > 0) rows.add(rowsOf(ending), of)
  }
}
