/// <reference lib="esnext.disposable" preserve="true" />
// A token that is always valid, for whoever asks: held, and renewed once for all.
import { bare } from './endpoint.js';
import type { Engine, Renewal } from './engine.js';
import { AuthError } from './errors.js';
import { type Held, remainingMs } from './policy.js';
import { closed, cooling, leftMs, reject, renew, type Slot, wipe } from './slot.js';

/** Whose token it is: the client's itself, a user's, or an admin client's. The wrong one is answered with 403. */
export type Identity = 'client' | 'user' | 'admin';

export interface GetOptions {
  /** Frees this caller alone; a renewal goes on for the others. */
  readonly signal?: AbortSignal | undefined;
  /** How long the token must be valid at least, in milliseconds. */
  readonly minValidityMs?: number;
  /** Renew even a token that is still good. */
  readonly force?: boolean;
}

export interface TokenStatus {
  /** `none`: no token yet, or it was refused; `stale`: valid, and about to be renewed; `closed`: logged out or closed. */
  readonly state: 'none' | 'fresh' | 'stale' | 'expired' | 'closed';
  /** Wall clock, milliseconds since 1970; `Infinity` for a token that never expires. */
  readonly expiresAt: number | undefined;
  /** Whether there is a refresh token. */
  readonly refreshable: boolean;
  /** Whether a renewal is under way. */
  readonly renewing: boolean;
  /** Why the last renewal failed, while finAPI is left alone for that. */
  readonly failure: AuthError | undefined;
}

/** Tokens of one identity. It satisfies the client's contract of the same name. */
export interface TokenSource<Whose extends Identity> {
  readonly identity: Whose;
  /** The current token; `undefined` where there is none, or where it is time to renew it. */
  peek(): string | undefined;
  /** A valid token, from memory or from finAPI. */
  get(options?: GetOptions): Promise<string>;
  /** Says that finAPI has refused this token with 401. Only the current one is dropped. */
  reject(token: string): void;
  /** What is known, without a secret. */
  status(): TokenStatus;
  /** Forgets the tokens here, without giving them back: other processes go on using them. The source is closed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where a source's slot is: fixed, or in a pool that may have dropped it. */
export interface Home {
  /** The slot, opened anew where the pool has dropped it. */
  open(): Slot;
  /** The slot is of no more use. Whoever opens the next one waits for the renewal that is still under way. */
  leave(flight: Promise<unknown> | undefined): void;
}

/** Both clocks are looked at once in so many milliseconds: reading a clock is the most that handing out a token costs. */
const lookAgainMs = 1000;

export class Source<Whose extends Identity> implements TokenSource<Whose> {
  readonly identity: Whose;
  readonly #engine: Engine;
  readonly #renewal: Renewal;
  readonly #home: Home;
  #slot: Slot;
  /** The token that was fresh when both clocks were last looked at. */
  #fresh: Held | undefined;
  /** When that was, on the wall clock. */
  #lookedAt = 0;
  /** For how long it needs no further look, in milliseconds. */
  #freshForMs = 0;

  constructor(identity: Whose, engine: Engine, renewal: Renewal, home: Home) {
    this.identity = identity;
    this.#engine = engine;
    this.#renewal = renewal;
    this.#home = home;
    this.#slot = home.open();
  }

  peek(): string | undefined {
    const { held } = this.#slot;
    if (held === undefined) return undefined;
    const now = this.#engine.endpoint.clock.now();
    const age = now - this.#lookedAt;
    // A wall clock that was set back or has leapt, as after a sleep of the machine, is outside of these bounds.
    return held === this.#fresh && age < this.#freshForMs && age >= 0 ? held.accessToken : this.#look(held, now);
  }

  #look(held: Held, now: number): string | undefined {
    this.#slot.usedAtS = Math.floor(now / 1000);
    const freshMs = remainingMs(held, now, this.#engine.endpoint.clock.monotonic()) - held.windowMs;
    if (freshMs <= 0) return undefined;
    this.#fresh = held;
    this.#lookedAt = now;
    this.#freshForMs = Math.min(lookAgainMs, freshMs);
    return held.accessToken;
  }

  get(options?: GetOptions): Promise<string> {
    const token = options === undefined ? this.peek() : undefined;
    return token === undefined ? this.#get(options ?? {}) : Promise.resolve(token);
  }

  async #get(options: GetOptions): Promise<string> {
    const { signal, minValidityMs = 0, force = false } = bare(options);
    signal?.throwIfAborted();
    const engine = this.#engine;
    const slot = this.current();
    const before = slot.held;
    const left = leftMs(engine, slot);
    if (before !== undefined && !force) {
      if (left > minValidityMs) {
        // In the background: nobody waits for it, and nobody hears of its failure but `onEvent` and `status()`.
        if (left <= before.windowMs)
          renew(engine, this.#renewal, slot, (held) => isOther(held, before) || held.windowMs === 0).catch(() => {});
        return before.accessToken;
      }
      // finAPI gave this very token again: it gives no other before this one ends.
      if (left > 0 && before.windowMs === 0) throw tooShort(left);
    }
    const wanted = (held: Held): boolean => (!force || isOther(held, before)) && leftOf(engine, held) > minValidityMs;
    const joined = slot.flight !== undefined;
    let held = await abortable(renew(engine, this.#renewal, slot, wanted), signal);
    // The renewal was begun by somebody who was content with a stored token that is not enough here.
    const contented = joined && engine.fleet !== undefined && held.windowMs > 0 && !wanted(held);
    // The machine slept while the answer was on its way: the token has ended since.
    if (contented || leftOf(engine, held) <= 0) held = await abortable(renew(engine, this.#renewal, this.current(), wanted), signal);
    const leftNow = leftOf(engine, held);
    if (minValidityMs > 0 && leftNow < minValidityMs) throw tooShort(leftNow);
    return held.accessToken;
  }

  reject(token: string): void {
    reject(this.#engine, this.#renewal, this.#slot, token);
  }

  status(): TokenStatus {
    const slot = this.#slot;
    const { held } = slot;
    const left = leftMs(this.#engine, slot);
    const phase = held === undefined ? 'none' : left > held.windowMs ? 'fresh' : left > 0 ? 'stale' : 'expired';
    return {
      state: slot.state === 'ended' ? 'closed' : phase,
      expiresAt: held?.expiresAt,
      refreshable: slot.refreshToken !== undefined,
      renewing: slot.flight !== undefined,
      failure: cooling(this.#engine, slot),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#slot.state !== 'open') return;
    wipe(this.#slot, 'ended');
    this.#home.leave(this.#slot.flight);
  }

  /** @internal Under which its tokens are stored. */
  get key(): string {
    return this.#renewal.key;
  }

  /** @internal Another process has changed what is stored: the next call looks. Whether there was a token. */
  drop(): boolean {
    const { held } = this.#slot;
    this.#slot.held = undefined;
    return held !== undefined;
  }

  /** @internal The slot in use; fails once the source is closed. */
  protected current(): Slot {
    if (this.#slot.state === 'evicted') this.#slot = this.#home.open();
    if (this.#slot.state === 'ended') throw closed();
    this.#slot.usedAtS = Math.floor(this.#engine.endpoint.clock.now() / 1000);
    return this.#slot;
  }
}

const isOther = (held: Held, before: Held | undefined): boolean => held.accessToken !== before?.accessToken;

const leftOf = ({ endpoint: { clock } }: Engine, held: Held): number => remainingMs(held, clock.now(), clock.monotonic());

const tooShort = (leftMs: number): AuthError =>
  new AuthError(
    'SHORT_LIVED',
    `the token lives another ${Math.floor(leftMs / 1000)} s, and finAPI gives no other before; the client's configuration sets how long tokens live`,
    { retryAfterMs: Math.max(0, leftMs) },
  );

/** An abort frees the caller, whatever becomes of the promise. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
