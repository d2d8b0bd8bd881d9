// Time: the wall clock, a clock that is never set, and timers. Tests give their own.

/** What the token layer knows of time. */
export interface Clock {
  /** Wall clock: milliseconds since 1970. It can be set, forward and back. */
  now(): number;
  /** Milliseconds from an arbitrary start. It is never set, but can stand still while the machine sleeps. */
  monotonic(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Called late, so that timers replaced later on are used.
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** A timer that keeps no process alive, where the runtime can say so. */
export function backgroundTimer(clock: Clock, callback: () => void, ms: number): unknown {
  const timer = clock.setTimeout(callback, ms);
  (timer as { unref?: () => void } | undefined)?.unref?.();
  return timer;
}

/** Waits; somebody does wait for it, so the process stays alive. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
