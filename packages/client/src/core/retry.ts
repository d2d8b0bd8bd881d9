// When a call is repeated, and after how long: only where repeating is safe.
import { FinapiError } from './errors.js';
import type { Operation } from './operation.js';

export interface RetryOptions {
  /** Attempts in all, the first included. 3 unless set. */
  readonly attempts?: number;
  /** Upper bound of the first pause in milliseconds; it doubles from attempt to attempt. 500 unless set. */
  readonly baseDelayMs?: number;
  /** Upper bound of every pause in milliseconds. 8000 unless set. */
  readonly maxDelayMs?: number;
  /** The longest `Retry-After`, in milliseconds, that is waited for; beyond it the error is handed out. 60000 unless set. */
  readonly maxRetryAfterMs?: number;
  /** Also wait and repeat after 423: an import or update of the entity is running. Off unless set; the token operations never do. */
  readonly locked?: boolean;
}

export interface RetryPolicy extends Required<RetryOptions> {}

const defaults: RetryPolicy = { attempts: 3, baseDelayMs: 500, maxDelayMs: 8000, maxRetryAfterMs: 60_000, locked: false };
const never: RetryPolicy = { ...defaults, attempts: 1 };

export function retryPolicy(options: RetryOptions | false | undefined): RetryPolicy {
  if (options === false) return never;
  if (options === undefined) return defaults;
  const policy = { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
  const { attempts, baseDelayMs, maxDelayMs, maxRetryAfterMs } = policy;
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new FinapiError('INVALID_ARGUMENT', 'retry.attempts must be a whole number from 1');
  if (![baseDelayMs, maxDelayMs, maxRetryAfterMs].every((ms) => ms >= 0))
    throw new FinapiError('INVALID_ARGUMENT', 'delays of retry must be milliseconds from 0');
  return policy;
}

/**
 * Milliseconds to wait before the next attempt; `undefined` where there is none.
 *
 * @param attempt the one that failed, from 1
 * @param status undefined where no answer came
 *
 * A broken connection and 502, 503, 504 leave open whether finAPI has acted, so only what changes nothing is repeated.
 * 429 and 423 say that it has not, so every call can be repeated; but on a token operation 423 means a locked user.
 */
export function pauseBefore(
  attempt: number,
  policy: RetryPolicy,
  operation: Operation,
  status: number | undefined,
  retryAfterMs: number | undefined,
): number | undefined {
  if (attempt >= policy.attempts) return undefined;
  const unanswered = status === undefined || status === 502 || status === 503 || status === 504;
  const busy = status === 423 && policy.locked && !operation.path.includes('/oauth/');
  const limited = status === 429 && retryAfterMs !== undefined;
  if (!(unanswered && operation.safe === true) && !busy && !limited) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs <= policy.maxRetryAfterMs ? retryAfterMs : undefined;
  // Full jitter: clients that failed together do not come back together.
  return Math.random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
}

/** `Retry-After` (RFC 9110, section 10.2.3) in milliseconds: seconds or a date. */
export function parseRetryAfter(value: string | null): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const ms = /^[A-Z][a-z]{2},? .*GMT$/.test(value.trim()) ? Date.parse(value) - Date.now() : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A timer beyond this fires at once. */
const longestTimer = 0x7fffffff;

/** Waits, unless the signal ends it. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.min(ms, longestTimer),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
