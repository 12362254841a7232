import type { Ending } from '#jobs/engine/observe/ending.ts'
import type { Logger } from '#jobs/engine/observe/logger.ts'
import type { Tracing } from '#jobs/engine/observe/tracing.ts'

/** Traces and metrics on their way to a collector; disposing sends what is left. */
export interface Telemetry extends AsyncDisposable {
  tracing: Tracing
  onEnding: (ending: Ending) => void
}

/** OpenTelemetry, if `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector; otherwise it is not even loaded. */
export async function openTelemetry(
  logger: Logger,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Telemetry | undefined> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT) return undefined
  const { startOpenTelemetry } = await import('./open-telemetry.ts')
  return startOpenTelemetry(logger)
}
