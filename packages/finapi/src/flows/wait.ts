// Bounded waiting: looks at most once a second, bears failures that pass, ends with the time-out or the caller's signal.
import { AuthError } from '@finapi-ts/auth-helpers';
import { type CallOptions, FinapiError } from '@finapi-ts/client';
import { FlowError } from './errors.js';

/** What waiting needs of a clock. Those of tests and of the token layer have it. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface WaitOptions<Progress> {
  /** Ends the flow, which then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two looks, at least 1000: finAPI allows no more than one a second. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds that the flow may take in all. */
  readonly timeoutMs?: number | undefined;
  /** Told of what each look has found. What it throws is ignored. */
  readonly onProgress?: ((progress: Progress) => unknown) | undefined;
  /** Timers, for tests. */
  readonly clock?: Timers | undefined;
}

/** A flow under way. */
export interface Wait {
  /** Ends with the caller's signal, and with the time-out. */
  readonly signal: AbortSignal;
  readonly intervalMs: number;
  /** What went wrong last; the cause where the time-out ends the flow. */
  trouble: unknown;
  pause(ms: number): Promise<void>;
}

/** Bounds of a flow, in milliseconds. */
interface Bounds {
  readonly intervalMs: number;
  readonly atLeastMs?: number;
  readonly timeoutMs: number;
}

/** Timers take at most 2^31 - 1 ms; beyond it they fire at once. */
const longestTimerMs = 0x7fffffff;

const systemTimers: Timers = {
  // Called late, so that timers replaced later on are used.
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Runs a flow within its time. An abort and the time-out free the caller, whatever becomes of what is under way. */
export async function within<T>(what: string, options: WaitOptions<never>, bounds: Bounds, run: (wait: Wait) => Promise<T>): Promise<T> {
  const { signal, clock = systemTimers, intervalMs = bounds.intervalMs, timeoutMs = bounds.timeoutMs } = options;
  const { atLeastMs = 1000 } = bounds;
  if (!(intervalMs >= atLeastMs && intervalMs <= longestTimerMs))
    throw invalid(`intervalMs must be from ${atLeastMs} to ${longestTimerMs}`);
  if (!(timeoutMs > 0 && timeoutMs <= longestTimerMs)) throw invalid(`timeoutMs must be from 1 to ${longestTimerMs}`);
  signal?.throwIfAborted();
  const controller = new AbortController();
  const wait: Wait = {
    signal: controller.signal,
    intervalMs,
    trouble: undefined,
    pause: (ms) => pause(clock, Math.min(ms, longestTimerMs), controller.signal),
  };
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = clock.setTimeout(
    () => controller.abort(new FlowError('TIMEOUT', `${what} did not end within ${timeoutMs} ms`, wait.trouble)),
    timeoutMs,
  );
  try {
    return await abortable(run(wait), controller.signal);
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Looks until what is found has ended. The looks are the repetitions: a call by itself is not repeated. */
export async function poll<State>(
  wait: Wait,
  look: (options: CallOptions) => PromiseLike<State>,
  ended: (state: State) => boolean,
): Promise<State> {
  for (;;) {
    let pauseMs = wait.intervalMs;
    try {
      const state = await look({ signal: wait.signal, retry: false });
      if (ended(state)) return state;
      wait.trouble = undefined;
    } catch (cause) {
      wait.signal.throwIfAborted();
      if (!passes(cause)) throw cause;
      wait.trouble = cause;
      pauseMs = Math.max(pauseMs, (cause as FinapiError | AuthError).retryAfterMs ?? 0);
    }
    await wait.pause(pauseMs);
  }
}

/** Tells without being disturbed by what the listener does. */
export function tell<Progress>(listener: ((progress: Progress) => unknown) | undefined, progress: Progress): void {
  try {
    Promise.resolve(listener?.(progress)).catch(() => {});
  } catch {
    // A log that fails must not fail the flow.
  }
}

export const invalid = (message: string): FinapiError => new FinapiError('INVALID_ARGUMENT', message);

const passing: readonly string[] = ['NETWORK', 'TIMEOUT', 'UNREADABLE_ANSWER', 'LOCKED', 'RATE_LIMITED', 'SERVER_ERROR', 'UNAVAILABLE'];

/** Whether looking again can help: no answer, 5xx but for 501 and 510, 423, 429, or a token that cannot be had just now. */
export function passes(cause: unknown): boolean {
  if (cause instanceof AuthError) return cause.retryable;
  return (
    cause instanceof FinapiError && (passing.includes(cause.code) || (cause.code === 'UNEXPECTED_STATUS' && (cause.status ?? 0) >= 500))
  );
}

function pause(clock: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
