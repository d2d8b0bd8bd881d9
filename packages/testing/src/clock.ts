// Time as the sandbox sees it: the machine's, or a clock that moves only when a test says so.

/** What anything that waits or looks at the time needs. Global timers and `Date.now` fit it. */
export interface Clock {
  /** The wall clock, in milliseconds since 1970. It can be set, and then jumps. */
  now(): number;
  /** Milliseconds that never go back; they stand still while the machine sleeps. */
  monotonic(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface TestClock extends Clock {
  /**
   * The time at a server elsewhere, in milliseconds since 1970: it goes on while this machine sleeps, and nobody sets it. The
   * sandbox lives by it, so that `jump` sets the client's clock alone.
   */
  serverNow(): number;
  /** Lets time pass. Runs what falls due in its order, and lets what follows from it settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward, or back where negative. Nothing else moves. */
  jump(ms: number): void;
  /** The machine sleeps: the wall clock goes on, the monotonic one stands still, and no timer fires. */
  suspend(ms: number): void;
  /** How many timers are waiting. */
  readonly timers: number;
}

/** The clocks of the machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // A longer time would overflow and end at once; nobody waits for its end.
  setTimeout: (run, ms) => (ms < 2 ** 31 ? setTimeout(run, ms) : undefined),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** A clock that stands until it is moved. `now` is where its wall clock starts, noon of 30 March 2026 in UTC by default. */
export function createTestClock({ now = Date.UTC(2026, 2, 30, 12) }: { readonly now?: number } = {}): TestClock {
  let elapsed = 0;
  let slept = 0;
  let jumped = 0;
  let count = 0;
  const waiting = new Map<number, { readonly at: number; readonly run: () => void }>();

  /** The timer that is due first; of those due at once, the one set first. */
  const next = (until: number): number | undefined => {
    let first: number | undefined;
    for (const [id, { at }] of waiting) if (at <= until && at < (waiting.get(first ?? -1)?.at ?? Number.POSITIVE_INFINITY)) first = id;
    return first;
  };

  return {
    now: () => now + elapsed + slept + jumped,
    monotonic: () => elapsed,
    serverNow: () => now + elapsed + slept,
    setTimeout(run, ms) {
      count += 1;
      waiting.set(count, { at: elapsed + Math.max(0, ms), run });
      return count;
    },
    clearTimeout(timer) {
      waiting.delete(timer as number);
    },
    async advance(ms) {
      const until = elapsed + finite(ms, 'advance');
      if (until < elapsed) throw new RangeError('advance goes forward only; to set the wall clock back, use jump');
      await settle();
      for (let id = next(until); id !== undefined; id = next(until)) {
        const timer = waiting.get(id);
        waiting.delete(id);
        if (timer === undefined) continue;
        // While this one runs, others may have moved the clock past it.
        elapsed = Math.max(elapsed, timer.at);
        timer.run();
        await settle();
      }
      elapsed = Math.max(elapsed, until);
    },
    jump(ms) {
      jumped += finite(ms, 'jump');
    },
    suspend(ms) {
      if (finite(ms, 'suspend') < 0) throw new RangeError('suspend goes forward only; to set the wall clock back, use jump');
      slept += ms;
    },
    get timers() {
      return waiting.size;
    },
  };
}

/** Waits on a clock, unless the caller gives up. */
export function wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', give);
      resolve();
    }, ms);
    const give = (): void => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', give, { once: true });
  });
}

/** Runs something later; a machine's timer does not keep a process alive for it. */
export function later(clock: Clock, ms: number, run: () => void): void {
  const timer = clock.setTimeout(run, ms) as { unref?(): void } | undefined;
  timer?.unref?.();
}

function finite(ms: number, name: string): number {
  if (!Number.isFinite(ms)) throw new RangeError(`${name} takes milliseconds, a finite number`);
  return ms;
}

// Kept from before any test replaces them. Where there is no `setImmediate`, a timer takes a turn as well.
const { setImmediate, setTimeout: soon } = globalThis;
const turn = (run: () => void): void => {
  if (setImmediate === undefined) soon(run, 0);
  else setImmediate(run);
};

/**
 * Lets promises settle, also those that need turns of the event loop, such as bodies of answers, or a thread, such as
 * digests: a digest of our own ends after those that were asked for before.
 */
async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1));
    await new Promise<void>(turn);
  }
}
