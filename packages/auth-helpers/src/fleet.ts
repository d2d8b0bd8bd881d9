// Renewal where several processes share tokens: read the store, take the lease, read again, ask finAPI, write, release.
import { backgroundTimer, sleep } from './clock.js';
import { bare, momentOf } from './endpoint.js';
import type { Engine, Fleet, Renewal, Session } from './engine.js';
import { AuthError, type AuthErrorCode } from './errors.js';
import { isToken } from './grants.js';
import { type Held, hold, type Moment, windowOf } from './policy.js';
import type { Which } from './session.js';
import { closed, type Refused, redeem, refuse, type Slot, troubled } from './slot.js';
import type { Lease, StoredValue, TokenStore } from './store.js';

export interface FleetOptions {
  /** Milliseconds that one call of the store may take. 2000 unless set. */
  readonly storeTimeoutMs?: number;
}

/** What is stored of a key. */
interface Entry {
  readonly accessToken?: string | undefined;
  /** Wall clock, milliseconds since 1970; `null` for a token that never expires. */
  readonly expiresAt?: number | null | undefined;
  /** finAPI gives this token until it ends; nobody needs to ask. */
  readonly echo?: boolean | undefined;
  readonly refreshToken?: string | undefined;
  readonly refused?: readonly Refused[] | undefined;
  /** finAPI wants to be left alone until then (wall clock). */
  readonly failure?: { readonly code: AuthErrorCode; readonly until: number } | undefined;
  /** The session was ended: a renewal that was under way does not bring it back. */
  readonly ended?: boolean | undefined;
}

interface Stored {
  /** `null` where nothing is stored. */
  readonly version: string | null;
  readonly entry: Entry | undefined;
}

/** Milliseconds between two looks at a lease that another process has, at most. */
const lookAgainMs = 150;
/** How long the mark of an ended session stays: longer than any renewal takes. */
const tombstoneMs = 600_000;
/** How long a client's token stays stored beyond its end. */
const afterlifeMs = 3_600_000;
const writes = 3;

export function createFleet(store: TokenStore, { storeTimeoutMs = 2000 }: FleetOptions = {}): Fleet {
  return {
    async renew(engine, renewal, slot, signal, wanted) {
      const shared = new Shared(store, storeTimeoutMs, engine, renewal, slot);
      try {
        return await shared.renew(signal, wanted);
      } catch (cause) {
        if (!(cause instanceof AuthError && cause.code === 'STORE' && renewal.alone)) throw cause;
        return redeem(engine, renewal, slot, signal);
      }
    },
    forget: (engine, renewal, slot, which) => new Shared(store, storeTimeoutMs, engine, renewal, slot).forget(which),
  };
}

/** Whether each member is what this package writes: another program may have been at the store. */
function isEntry({ accessToken, expiresAt, refreshToken, refused, failure }: Entry): boolean {
  const end = expiresAt === null || typeof expiresAt === 'number';
  return (
    (accessToken === undefined || (isToken(accessToken) && end)) &&
    (refreshToken === undefined || isToken(refreshToken)) &&
    (refused === undefined || (Array.isArray(refused) && refused.every((it) => typeof it?.digest === 'string'))) &&
    (failure === undefined || typeof failure?.until === 'number')
  );
}

/** One key's entry in the store, seen from one slot. */
class Shared {
  readonly #store: TokenStore;
  readonly #storeTimeoutMs: number;
  readonly #engine: Engine;
  readonly #renewal: Renewal;
  readonly #slot: Slot;

  constructor(store: TokenStore, storeTimeoutMs: number, engine: Engine, renewal: Renewal, slot: Slot) {
    this.#store = store;
    this.#storeTimeoutMs = storeTimeoutMs;
    this.#engine = engine;
    this.#renewal = renewal;
    this.#slot = slot;
  }

  async renew(signal: AbortSignal, wanted: (held: Held) => boolean): Promise<Held> {
    const { endpoint, emit } = this.#engine;
    const { key } = this.#renewal;
    const ttlMs = endpoint.timeoutMs + 2 * this.#storeTimeoutMs + 1000;
    // The flight's own time-out ends the waiting; a little earlier it is said what for.
    const giveUpAt = endpoint.clock.monotonic() + this.#engine.renewalTimeoutMs * 0.9;
    let waiting = false;
    let endedBefore: boolean | undefined;
    for (;;) {
      const stored = await this.#read();
      const ended = stored.entry?.ended === true;
      endedBefore ??= ended;
      if (ended && !endedBefore) throw closed();
      const adopted = this.#adopt(stored, wanted);
      if (adopted !== undefined) return adopted;
      this.#heed(stored);
      if (this.#store.lease === undefined) return this.#redeem(stored, signal);

      const leasedAt = momentOf(endpoint.clock);
      const lease = await this.#lease(key, ttlMs);
      if (lease !== undefined) {
        const held = await this.#underLease(lease, ttlMs, leasedAt, signal, wanted, endedBefore);
        if (held !== undefined) return held;
        continue;
      }
      if (!waiting) emit('leaseWait', key);
      waiting = true;
      if (leasedAt.monotonic > giveUpAt) throw new AuthError('LEASE_TIMEOUT', 'another process has been renewing this token for too long');
      await sleep(endpoint.clock, lookAgainMs * (0.5 + this.#engine.random() / 2), signal);
    }
  }

  /** `undefined` where the lease ran out before finAPI was asked. */
  async #underLease(
    lease: Lease,
    ttlMs: number,
    leasedAt: Moment,
    signal: AbortSignal,
    wanted: (held: Held) => boolean,
    endedBefore: boolean,
  ): Promise<Held | undefined> {
    const { clock } = this.#engine.endpoint;
    let timer: unknown;
    let over = false;
    const extend = async (): Promise<void> => {
      // A store that fails once may answer the next time, before the lease ends.
      const kept = await (async () => lease.renew())().catch(() => true);
      if (kept && !over) keepAlive();
    };
    const keepAlive = (): void => {
      timer = backgroundTimer(clock, () => void extend(), ttlMs / 3);
    };
    keepAlive();
    try {
      const stored = await this.#read();
      // Whoever had the lease before may have ended the session: the next look decides.
      if (stored.entry?.ended === true && !endedBefore) return undefined;
      const adopted = this.#adopt(stored, wanted);
      if (adopted !== undefined) return adopted;
      this.#heed(stored);
      // The process may have stood still since it got the lease, or the machine may have slept: only the wall clock tells that.
      const heldForMs = Math.max(clock.monotonic() - leasedAt.monotonic, Math.abs(clock.now() - leasedAt.now));
      if (heldForMs > ttlMs / 2 && !(await this.#bounded(() => lease.renew()))) return undefined;
      return await this.#redeem(stored, signal);
    } finally {
      over = true;
      clock.clearTimeout(timer);
      // A lease that cannot be given back ends by itself.
      await this.#bounded(() => lease.release()).catch(() => {});
    }
  }

  async #redeem(stored: Stored, signal: AbortSignal): Promise<Held> {
    const slot = this.#slot;
    let held: Held;
    try {
      held = await redeem(this.#engine, this.#renewal, slot, signal);
    } catch (cause) {
      await this.#writeFailure(stored, cause);
      throw cause;
    }
    try {
      return await this.#write(stored.version, held);
    } catch (cause) {
      if (!(cause instanceof AuthError && cause.code === 'STORE')) throw cause;
      // Told of already. What is in memory goes on serving, and is written with the next renewal.
      troubled(slot, { unsavedOver: stored.version, unsavedAfter: stored.entry?.refreshToken });
      return held;
    }
  }

  /** Writes new tokens; where another process was faster, its tokens stand. */
  async #write(over: string | null, held: Held): Promise<Held> {
    const slot = this.#slot;
    const { refreshToken } = slot;
    let version = over;
    for (let attempt = 1; attempt <= writes; attempt++) {
      if (await this.#set(this.#entryOf(held), version)) return held;
      const stored = await this.#read();
      if (stored.entry?.ended === true) {
        slot.held = undefined;
        slot.refreshToken = undefined;
        await this.#renewal.discard?.({ accessToken: held.accessToken, refreshToken }).catch(() => {});
        throw closed();
      }
      const adopted = this.#adopt(stored, (other) => other.accessToken !== held.accessToken);
      if (adopted !== undefined) return adopted;
      // What is stored knows only of the refresh token that was just redeemed.
      slot.refreshToken = refreshToken;
      version = stored.version;
    }
    return held;
  }

  /** What other processes must know of a failure: a refused password, a dead refresh token, how long to wait. */
  async #writeFailure({ version, entry }: Stored, cause: unknown): Promise<void> {
    if (!(cause instanceof AuthError) || cause.code === 'CLOSED') return;
    const { refreshToken, trouble } = this.#slot;
    const { retryAfterMs, code } = cause;
    const refused = trouble?.refused;
    const told = refused?.every(({ digest }) => entry?.refused?.some((stored) => stored.digest === digest)) ?? true;
    if (retryAfterMs === undefined && told && refreshToken === entry?.refreshToken) return;
    const { endpoint, policy } = this.#engine;
    const failure =
      retryAfterMs === undefined ? undefined : { code, until: endpoint.clock.now() + Math.min(retryAfterMs, policy.maxRetryAfterMs) };
    if (failure !== undefined) troubled(this.#slot, { heeded: failure.until });
    const left = refreshToken === undefined ? {} : entry;
    await this.#set({ ...left, refreshToken, refused, failure }, version).catch(() => {});
  }

  /** Takes over what other processes know; the stored token, if it will do. */
  #adopt({ version, entry }: Stored, wanted: (held: Held) => boolean): Held | undefined {
    const slot = this.#slot;
    const { endpoint, policy, random, emit } = this.#engine;
    if (slot.state === 'ended') throw closed();
    // Our own newer tokens could not be written, and nobody else has written since.
    const unsavedOver = slot.trouble?.unsavedOver;
    const unsavedAfter = slot.trouble?.unsavedAfter;
    if (entry === undefined || unsavedOver === version) return undefined;
    // Nor has one who wrote down what finAPI told it, beside the refresh token that was ours before.
    if (unsavedAfter !== undefined && unsavedAfter === entry.refreshToken && unsavedAfter !== slot.refreshToken) return undefined;
    const now = endpoint.clock.now();
    // One who knew only our last refresh token may have noted that it is dead; ours is newer.
    const noted = entry.accessToken === undefined && entry.refreshToken === undefined && entry.ended !== true;
    if (unsavedOver === undefined || !noted) slot.refreshToken = entry.refreshToken;
    if (entry.ended === true) slot.held = undefined;
    if (entry.refused !== undefined) refuse(slot, entry.refused);
    const { accessToken } = entry;
    if (accessToken !== undefined && accessToken !== slot.trouble?.rejected?.accessToken) {
      const lifeMs = (entry.expiresAt ?? Number.POSITIVE_INFINITY) - now;
      const windowMs = entry.echo === true ? 0 : windowOf(lifeMs, policy, random());
      const held = hold(accessToken, lifeMs, { now, monotonic: endpoint.clock.monotonic() }, windowMs);
      if (lifeMs > 0 && wanted(held)) {
        slot.held = held;
        slot.trouble = undefined;
        emit('adopted', this.#renewal.key);
        return held;
      }
    }
    return undefined;
  }

  /** Waits where finAPI has told another process to. */
  #heed({ entry, version }: Stored): void {
    const failure = entry?.failure;
    if (failure === undefined || this.#slot.trouble?.unsavedOver === version) return;
    const { endpoint, policy } = this.#engine;
    const retryAfterMs = failure.until - endpoint.clock.now();
    // Nobody writes longer waits than the longest that is believed; that much more, clocks may be off.
    if (!(retryAfterMs > 0 && retryAfterMs <= 2 * policy.maxRetryAfterMs)) return;
    // Waited out by the clock that is never set; the one that says otherwise was set back.
    if (this.#slot.trouble?.heeded === failure.until) return;
    troubled(this.#slot, { heeded: failure.until });
    throw new AuthError(failure.code, 'another process was asked by finAPI to wait', { retryAfterMs });
  }

  #entryOf({ accessToken, expiresAt, windowMs }: Held): Entry {
    return {
      accessToken,
      expiresAt: expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt,
      echo: windowMs === 0,
      refreshToken: this.#slot.refreshToken,
    };
  }

  async forget(which: Which): Promise<Session | undefined> {
    const { state, refreshToken, trouble } = this.#slot;
    for (let attempt = 1; ; attempt++) {
      const { entry, version } = await this.#read();
      // Another process may have got a newer refresh token than is known here.
      const unsaved =
        trouble !== undefined &&
        (trouble.unsavedOver === version || (entry?.refreshToken !== undefined && trouble.unsavedAfter === entry.refreshToken));
      const latest = unsaved ? refreshToken : entry?.refreshToken;
      const left = which === 'access' ? latest : undefined;
      if (state === 'ended') await this.#set({ ended: true }, undefined);
      else if (entry !== undefined && !(await this.#set({ refreshToken: left }, version)) && attempt < writes) continue;
      return entry === undefined ? undefined : { accessToken: entry.accessToken, refreshToken: entry.refreshToken };
    }
  }

  async #lease(key: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#bounded(async (bound) => {
      const lease = await this.#store.lease?.(key, { ttlMs, signal: bound });
      // Given too late, nobody uses it: the others need not wait for its end.
      if (bound.aborted) await lease?.release();
      return lease;
    });
  }

  async #read(): Promise<Stored> {
    const stored = await this.#bounded((signal) => this.#store.get(this.#renewal.key, { signal }));
    return { version: stored?.version ?? null, entry: stored === undefined ? undefined : this.#parse(stored) };
  }

  /** What cannot be read is written over. */
  #parse({ value }: StoredValue): Entry | undefined {
    try {
      const entry: unknown = JSON.parse(value);
      if (typeof entry === 'object' && entry !== null && isEntry(bare(entry))) return bare(entry);
    } catch {
      // Told of below.
    }
    this.#engine.emit('storeError', this.#renewal.key);
    return undefined;
  }

  /** @param over `undefined`: whatever is there */
  async #set(entry: Entry, over: string | null | undefined): Promise<boolean> {
    const ttlMs = this.#ttlMs(entry);
    const version = await this.#bounded((signal) =>
      this.#store.set(this.#renewal.key, JSON.stringify(entry), { ifVersion: over, ttlMs, signal }),
    );
    return version !== undefined;
  }

  #ttlMs({ ended, expiresAt, refreshToken, accessToken }: Entry): number | undefined {
    if (ended === true) return tombstoneMs;
    if (refreshToken !== undefined || (accessToken !== undefined && expiresAt === null)) return undefined;
    return Math.max(0, (expiresAt ?? 0) - this.#engine.endpoint.clock.now()) + afterlifeMs;
  }

  /** A store that fails or takes too long is an error of its own, without what it said: that could hold a value. */
  async #bounded<T>(call: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    const { clock } = this.#engine.endpoint;
    const controller = new AbortController();
    let timer: unknown;
    const late = new Promise<never>((_, reject) => {
      timer = backgroundTimer(
        clock,
        () => {
          reject(new AuthError('STORE', `the token store did not answer within ${this.#storeTimeoutMs} ms`));
          controller.abort();
        },
        this.#storeTimeoutMs,
      );
    });
    try {
      return await Promise.race([late, (async () => call(controller.signal))()]);
    } catch (cause) {
      this.#engine.emit('storeError', this.#renewal.key);
      throw cause instanceof AuthError ? cause : new AuthError('STORE', 'the token store failed');
    } finally {
      clock.clearTimeout(timer);
    }
  }
}
