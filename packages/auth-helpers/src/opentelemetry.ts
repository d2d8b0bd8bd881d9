// Metrics for OpenTelemetry from the events of the token layer, without depending on it: its meter fits the types below.
import type { AuthEvent } from './events.js';

type Attributes = Record<string, string | number>;

/** What is used of `Meter` of `@opentelemetry/api`. */
export interface Meter {
  createCounter(name: string, options?: { description?: string }): { add(value: number, attributes?: Attributes): void };
  createHistogram(
    name: string,
    options?: { description?: string; unit?: string },
  ): { record(value: number, attributes?: Attributes): void };
}

/**
 * Counts events and measures requests. Give the result as `onEvent`.
 *
 * `finapi.auth.events` counts by `type`, `grant` and `code`; `finapi.auth.request.duration` is in seconds, by `grant` and
 * `outcome`. No key goes into an attribute: there would be as many series as users.
 */
export function metrics(meter: Meter): (event: AuthEvent) => void {
  const events = meter.createCounter('finapi.auth.events', { description: 'What the token layer did' });
  const duration = meter.createHistogram('finapi.auth.request.duration', {
    description: 'Requests for tokens and their revocation',
    unit: 's',
  });
  return ({ type, grant, code, durationMs }) => {
    events.add(1, { type, ...(grant === undefined ? {} : { grant }), ...(code === undefined ? {} : { code }) });
    if (durationMs !== undefined && grant !== undefined) duration.record(durationMs / 1000, { grant, outcome: code ?? 'ok' });
  };
}
