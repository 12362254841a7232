import {
  context,
  type Link,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'

import { messageOf } from '#jobs/engine/errors.ts'
import { rowsOf } from '#jobs/engine/observe/ending.ts'
import type { Tracing } from '#jobs/engine/observe/tracing.ts'

const failing = new Set(['failed', 'retried'])

/**
 * A span for each attempt, with one inside it for each part of the step. An attempt begins a trace of its
 * own: the ticket under which it was taken carries any number of steps, so it is linked, no parent.
 */
export function tracingBy(tracer: Tracer): Tracing['begin'] {
  return ({ asset, run, id, partition, attempt }, worker) => {
    const ticket = trace.getActiveSpan()?.spanContext()
    const links: Link[] = ticket ? [{ context: ticket }] : []
    const attributes = {
      'recoup.run': run,
      'recoup.step': id,
      'recoup.asset': asset,
      'recoup.partition': partition,
      'recoup.attempt': attempt,
      ...(worker !== undefined && { 'recoup.worker': worker }),
    }
    const span = tracer.startSpan(`step ${asset}`, { root: true, links, attributes })
    const inside = trace.setSpan(context.active(), span)
    return {
      during: (work) => context.with(inside, work),
      stage: (stage, work) =>
        tracer.startActiveSpan(stage, {}, inside, async (part) => {
          try {
            return await work()
          } catch (error) {
            blame(part, error)
            throw error
          } finally {
            part.end()
          }
        }),
      end(ending) {
        span.setAttributes({ 'recoup.outcome': ending.outcome, 'recoup.rows': rowsOf(ending) })
        if (failing.has(ending.outcome)) blame(span, ending.error)
        span.end()
      },
    }
  }
}

function blame(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : messageOf(error))
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
}
