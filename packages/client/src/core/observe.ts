// A middleware that tells what happens to calls, for logs and metrics.
import type { Middleware } from './options.js';

/** An attempt of a call. By construction it holds no token, no body and no expanded path. */
export interface CallEvent {
  readonly kind: 'sent' | 'answered' | 'failed';
  readonly operationId: string;
  readonly method: string;
  /** Path template. */
  readonly path: string;
  readonly requestId: string;
  /** From 1. */
  readonly attempt: number;
  readonly status?: number;
  /** Until the head of the answer came, or none did. */
  readonly durationMs?: number;
  /** Why no answer came. */
  readonly code?: 'NETWORK' | 'TIMEOUT' | 'ABORTED';
}

/**
 * Tells `listener` of every attempt; what it throws is ignored.
 *
 * `createAccessV1({ baseUrl, middleware: [observe((event) => console.debug(event))] })`
 */
export function observe(listener: (event: CallEvent) => unknown): Middleware {
  return async (request, next) => {
    const { operationId, method, path, attempt } = request;
    const requestId = request.headers['x-request-id'] ?? '';
    const tell = (kind: CallEvent['kind'], details: Partial<CallEvent> = {}): void => {
      // A log that fails, at once or later, must not fail the call.
      try {
        Promise.resolve(listener({ kind, operationId, method, path, requestId, attempt, ...details })).catch(() => {});
      } catch {}
    };
    tell('sent');
    const start = performance.now();
    try {
      const response = await next(request);
      tell('answered', { status: response.status, durationMs: performance.now() - start });
      return response;
    } catch (cause) {
      const { aborted, reason } = request.signal;
      const code = !aborted ? 'NETWORK' : reason instanceof DOMException && reason.name === 'TimeoutError' ? 'TIMEOUT' : 'ABORTED';
      tell('failed', { durationMs: performance.now() - start, code });
      throw cause;
    }
  };
}
