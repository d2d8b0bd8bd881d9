// Renewal where several processes share tokens: read the store, take the lease, read again, ask finAPI, write, release.
import { backgroundTimer, sleep } from './clock.js';
import { bare, invalid, longestTimerMs, momentOf } from './endpoint.js';
import type { Engine, Fleet, Renewal, Session } from './engine.js';
import { AuthError, type AuthErrorCode } from './errors.js';
import { isToken } from './grants.js';
import { type Held, hold, type Moment, remainingMs, windowOf } from './policy.js';
import type { Which } from './session.js';
import { closed, type Refused, redeem, refuse, type Slot, troubled } from './slot.js';
import type { Lease, TokenStore } from './store.js';

export interface FleetOptions {
  /** Milliseconds that one call of the store may take. 2000 unless set. */
  readonly storeTimeoutMs?: number;
  /**
   * Milliseconds after which the store may forget the session of a user whose tokens nobody has renewed meanwhile. Longer than your
   * refresh tokens live, or it costs logins. For ever unless set, since only finAPI knows how long they live.
   */
  readonly sessionTtlMs?: number;
}

/** What is stored of a key. */
interface Entry {
  readonly accessToken?: string | undefined;
  /** The store's clock, milliseconds since 1970; `null` for a token that never expires. */
  readonly expiresAt?: number | null | undefined;
  /** finAPI gives this token until it ends; nobody needs to ask. */
  readonly echo?: boolean | undefined;
  /** `null` where what was stored here is known to be dead. */
  readonly refreshToken?: string | null | undefined;
  readonly refused?: readonly Refused[] | undefined;
  /** finAPI wants to be left alone until then (the store's clock). */
  readonly failure?: { readonly code: AuthErrorCode; readonly until: number } | undefined;
  /** The session was ended: a renewal that was under way does not bring it back. */
  readonly ended?: boolean | undefined;
}

interface Stored {
  /** `null` where nothing is stored. */
  readonly version: string | null;
  readonly entry: Entry | undefined;
  /** The store's clock when it was read, and ours just before and after that. */
  readonly now: number;
  readonly asked: Moment;
  readonly answered: Moment;
}

/** Thrown where the lease has been lost before finAPI was asked. */
const leaseLost = new Error('the lease was lost');

/** Milliseconds between two looks at a lease that another process has, at most. */
const lookAgainMs = 150;
/** How long the mark of an ended session stays: longer than any renewal takes. */
const tombstoneMs = 600_000;
/** How long a client's token stays stored beyond its end. */
const afterlifeMs = 3_600_000;
const writes = 3;

export function createFleet(store: TokenStore, { storeTimeoutMs = 2000, sessionTtlMs }: FleetOptions = {}): Fleet {
  if (!(storeTimeoutMs > 0 && storeTimeoutMs <= longestTimerMs))
    throw invalid(`storeTimeoutMs must be milliseconds from 1 to ${longestTimerMs}`);
  if (sessionTtlMs !== undefined && !(sessionTtlMs > 0 && Number.isFinite(sessionTtlMs)))
    throw invalid('sessionTtlMs must be milliseconds above 0; leave it out for sessions that are kept for ever');
  const options = { storeTimeoutMs, sessionTtlMs };
  return {
    async renew(engine, renewal, slot, signal, wanted) {
      const shared = new Shared(store, options, engine, renewal, slot);
      try {
        return await shared.renew(signal, wanted);
      } catch (cause) {
        if (!(cause instanceof AuthError && cause.code === 'STORE' && renewal.alone)) throw cause;
        return redeem(engine, renewal, slot, signal);
      }
    },
    forget: (engine, renewal, slot, which) => new Shared(store, options, engine, renewal, slot).forget(which),
  };
}

/** Whether each member is what this package writes: another program may have been at the store. */
function isEntry({ accessToken, expiresAt, refreshToken, refused, failure }: Entry): boolean {
  const end = expiresAt === null || typeof expiresAt === 'number';
  return (
    (accessToken === undefined || (isToken(accessToken) && end)) &&
    (refreshToken === undefined || refreshToken === null || isToken(refreshToken)) &&
    (refused === undefined ||
      (Array.isArray(refused) && refused.every((it) => typeof it?.digest === 'string' && typeof it.code === 'string'))) &&
    (failure === undefined || (typeof failure?.until === 'number' && typeof failure.code === 'string'))
  );
}

interface Settings {
  readonly storeTimeoutMs: number;
  readonly sessionTtlMs: number | undefined;
}

/** How long an entry is worth keeping, in milliseconds; `undefined` for ever. */
function ttlOf(
  { ended, expiresAt, refreshToken, accessToken, refused }: Entry,
  lifeMs: number,
  sessionTtlMs: number | undefined,
): number | undefined {
  if (ended === true && refused === undefined) return tombstoneMs;
  if (typeof refreshToken === 'string') return sessionTtlMs && Math.max(sessionTtlMs, lifeMs + afterlifeMs);
  if (accessToken !== undefined && expiresAt === null) return undefined;
  return Math.max(0, lifeMs) + afterlifeMs;
}

/** One key's entry in the store, seen from one slot. */
class Shared {
  readonly #store: TokenStore;
  readonly #storeTimeoutMs: number;
  readonly #sessionTtlMs: number | undefined;
  readonly #engine: Engine;
  readonly #renewal: Renewal;
  readonly #slot: Slot;

  constructor(store: TokenStore, options: Settings, engine: Engine, renewal: Renewal, slot: Slot) {
    this.#store = store;
    this.#storeTimeoutMs = options.storeTimeoutMs;
    this.#sessionTtlMs = options.sessionTtlMs;
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
    let lost = false;
    const extend = async (): Promise<void> => {
      // A store that fails once may answer the next time, before the lease ends.
      lost = !(await (async () => lease.renew())().catch(() => true));
      if (!lost && !over) keepAlive();
    };
    const keepAlive = (): void => {
      timer = backgroundTimer(clock, () => void extend(), ttlMs / 3);
    };
    // The process may have stood still since it got the lease, or the machine may have slept: only the wall clock tells that.
    const still = async (): Promise<void> => {
      const heldForMs = Math.max(clock.monotonic() - leasedAt.monotonic, Math.abs(clock.now() - leasedAt.now));
      if (lost || (heldForMs > ttlMs / 2 && !(await this.#bounded(() => lease.renew())))) throw leaseLost;
    };
    keepAlive();
    try {
      const stored = await this.#read();
      // Whoever had the lease before may have ended the session: the next look decides.
      if (stored.entry?.ended === true && !endedBefore) return undefined;
      const adopted = this.#adopt(stored, wanted);
      if (adopted !== undefined) return adopted;
      this.#heed(stored);
      return await this.#redeem(stored, signal, lease.owner, still);
    } catch (cause) {
      if (cause === leaseLost) return undefined;
      throw cause;
    } finally {
      over = true;
      clock.clearTimeout(timer);
      // A lease that cannot be given back ends by itself.
      await this.#bounded(() => lease.release()).catch(() => {});
    }
  }

  /** @param still fails where the lease is no longer ours; asked just before each request */
  async #redeem(stored: Stored, signal: AbortSignal, owner?: string, still?: () => Promise<void>): Promise<Held> {
    const slot = this.#slot;
    let held: Held;
    try {
      held = await redeem(this.#engine, this.#renewal, slot, signal, still);
    } catch (cause) {
      await this.#writeFailure(stored, cause, owner);
      throw cause;
    }
    try {
      return await this.#write(stored, held, owner);
    } catch (cause) {
      if (!(cause instanceof AuthError && cause.code === 'STORE')) throw cause;
      // Told of already. What is in memory goes on serving, and is written with the next renewal.
      troubled(slot, { unsavedOver: stored.version, unsavedAfter: stored.entry?.refreshToken ?? undefined });
      return held;
    }
  }

  /** Writes new tokens; where another process was faster, its tokens stand. */
  async #write(over: Stored, held: Held, owner: string | undefined): Promise<Held> {
    const slot = this.#slot;
    const { refreshToken } = slot;
    let stored = over;
    for (let attempt = 1; attempt <= writes; attempt++) {
      const { version } = stored;
      if (await this.#set(this.#entryOf(held, stored), version, owner, this.#leftMs(held))) return held;
      stored = await this.#read();
      if (stored.entry?.ended === true) {
        slot.held = undefined;
        slot.refreshToken = undefined;
        await this.#renewal.discard?.({ accessToken: held.accessToken, refreshToken }).catch(() => {});
        throw closed();
      }
      // Nothing was written meanwhile: another process has the lease, and will.
      if (stored.version === version) throw new AuthError('STORE', 'another process renews this token by now');
      const adopted = this.#adopt(stored, (other) => other.accessToken !== held.accessToken);
      if (adopted !== undefined) return adopted;
      // What is stored knows only of the refresh token that was just redeemed.
      slot.refreshToken = refreshToken;
    }
    return held;
  }

  /** What other processes must know of a failure: a refused password, a dead refresh token, how long to wait. */
  async #writeFailure(stored: Stored, cause: unknown, owner: string | undefined): Promise<void> {
    const { version, entry } = stored;
    const { refreshToken, trouble } = this.#slot;
    // Closed here alone, or so it seems: what others have was redeemed. Whoever ended the session for all writes over it, or has.
    const late = trouble?.late?.refreshToken;
    if (late !== undefined) await this.#set({ refreshToken: late }, version, owner).catch(() => {});
    if (!(cause instanceof AuthError) || cause.code === 'CLOSED') return;
    const { retryAfterMs, code } = cause;
    const refused = trouble?.refused;
    const told = refused?.every(({ digest }) => entry?.refused?.some((stored) => stored.digest === digest)) ?? true;
    if (retryAfterMs === undefined && told && refreshToken === (entry?.refreshToken ?? undefined)) return;
    const { policy } = this.#engine;
    const failure =
      retryAfterMs === undefined ? undefined : { code, until: this.#timeAfter(stored) + Math.min(retryAfterMs, policy.maxRetryAfterMs) };
    if (failure !== undefined) troubled(this.#slot, { heeded: failure.until });
    // Dead is the stored one alone: others may know a newer one. Where none was stored, all that was is as good as before.
    const dead = refreshToken === undefined && entry?.refreshToken !== undefined;
    const left: Entry = dead ? { refreshToken: null } : { ...entry, refreshToken };
    const lifeMs = (left.expiresAt ?? 0) - this.#timeAfter(stored);
    await this.#set({ ...left, refused, failure }, version, owner, lifeMs).catch(() => {});
  }

  /** Takes over what other processes know; the stored token, if it will do. */
  #adopt(stored: Stored, wanted: (held: Held) => boolean): Held | undefined {
    const { version, entry } = stored;
    const slot = this.#slot;
    const { endpoint, policy, random, emit } = this.#engine;
    if (slot.state === 'ended') throw closed();
    // Our own newer tokens could not be written, and nobody else has written since.
    const unsavedOver = slot.trouble?.unsavedOver;
    const unsavedAfter = slot.trouble?.unsavedAfter;
    if (entry === undefined || unsavedOver === version) return undefined;
    // Nor has one who wrote down what finAPI told it, beside the refresh token that was ours before.
    if (unsavedAfter !== undefined && unsavedAfter === entry.refreshToken && unsavedAfter !== slot.refreshToken) return undefined;
    const { accessToken, refreshToken } = entry;
    // A note on what finAPI said is no session: what is known here may be newer.
    const noted = accessToken === undefined && (refreshToken === undefined || (refreshToken === null && unsavedOver !== undefined));
    if (!noted || entry.ended === true) slot.refreshToken = refreshToken ?? undefined;
    if (entry.ended === true) slot.held = undefined;
    if (entry.refused !== undefined) refuse(slot, entry.refused);
    if (accessToken !== undefined && accessToken !== slot.trouble?.rejected?.accessToken) {
      const storedMs = (entry.expiresAt ?? Number.POSITIVE_INFINITY) - this.#timeBefore(stored);
      // A token that is known here ends as known, though the store's clock was set back.
      const same = slot.held?.accessToken === accessToken ? slot.held : undefined;
      const lifeMs = same === undefined ? storedMs : Math.min(storedMs, same.expiresAtMonotonic - endpoint.clock.monotonic());
      const windowMs = entry.echo === true ? 0 : windowOf(lifeMs, policy, random());
      const held = hold(accessToken, lifeMs, momentOf(endpoint.clock), windowMs);
      // Though it lives too short: an answer that is this token again is known to be an echo.
      slot.held ??= held;
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
  #heed(stored: Stored): void {
    const failure = stored.entry?.failure;
    if (failure === undefined || this.#slot.trouble?.unsavedOver === stored.version) return;
    const { policy } = this.#engine;
    const retryAfterMs = failure.until - this.#timeBefore(stored);
    // Nobody writes longer waits than the longest that is believed; that much more, the store's clock may have been set back.
    if (!(retryAfterMs > 0 && retryAfterMs <= 2 * policy.maxRetryAfterMs)) return;
    // Waited out by the clock that is never set; the one that says otherwise was set back.
    if (this.#slot.trouble?.heeded === failure.until) return;
    troubled(this.#slot, { heeded: failure.until });
    throw new AuthError(failure.code, 'another process was asked by finAPI to wait', { retryAfterMs });
  }

  #entryOf(held: Held, stored: Stored): Entry {
    const { accessToken, expiresAt, windowMs } = held;
    return {
      accessToken,
      expiresAt: expiresAt === Number.POSITIVE_INFINITY ? null : Math.floor(this.#timeAfter(stored) + this.#leftMs(held)),
      echo: windowMs === 0,
      refreshToken: this.#slot.refreshToken,
    };
  }

  #leftMs(held: Held): number {
    const { now, monotonic } = momentOf(this.#engine.endpoint.clock);
    return remainingMs(held, now, monotonic);
  }

  /** The store's time, at the latest that it can be: no token is taken for longer than it lives. */
  #timeBefore({ now, asked }: Stored): number {
    const { clock } = this.#engine.endpoint;
    return now + Math.max(clock.monotonic() - asked.monotonic, clock.now() - asked.now);
  }

  /** The store's time, at the earliest that it can be: no token is said to live for longer than it does. */
  #timeAfter({ now, answered }: Stored): number {
    return now + this.#engine.endpoint.clock.monotonic() - answered.monotonic;
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
      const ended = state === 'ended';
      // A refused password stays refused.
      const left = ended ? { ended, refused: entry?.refused } : { refreshToken: which === 'access' ? latest : null };
      // Tokens written since they were read are to be given back as well; but a session ends whoever else writes.
      const over = ended && attempt >= writes ? undefined : version;
      if ((ended || entry !== undefined) && !(await this.#set(left, over, undefined, 0, true)) && attempt < writes) continue;
      return entry === undefined ? undefined : { accessToken: entry.accessToken, refreshToken: entry.refreshToken ?? undefined };
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
    const { clock } = this.#engine.endpoint;
    const asked = momentOf(clock);
    const { value, version, now } = await this.#bounded(async (signal) => {
      const stored = await this.#store.get(this.#renewal.key, { signal });
      if (Number.isFinite(stored.now)) return stored;
      throw new AuthError('STORE', 'the token store does not tell the time');
    });
    return { version, entry: value === undefined ? undefined : this.#parse(value), now, asked, answered: momentOf(clock) };
  }

  /** What cannot be read is written over. */
  #parse(value: string): Entry | undefined {
    try {
      const entry: unknown = JSON.parse(value);
      if (typeof entry === 'object' && entry !== null && isEntry(bare(entry))) return bare(entry);
    } catch {
      // Told of below.
    }
    this.#engine.emit('storeError', this.#renewal.key);
    return undefined;
  }

  /**
   * @param over `undefined`: whatever is there
   * @param owner of the lease under which it is written
   * @param lifeMs of the access token
   */
  async #set(entry: Entry, over: string | null | undefined, owner?: string, lifeMs = 0, notify = false): Promise<boolean> {
    const ttlMs = ttlOf(entry, lifeMs, this.#sessionTtlMs);
    const version = await this.#bounded((signal) =>
      this.#store.set(this.#renewal.key, JSON.stringify(entry), { ifVersion: over, owner, ttlMs, notify, signal }),
    );
    return version !== undefined;
  }

  /** A store that fails or takes too long is an error of its own. What it said could hold a value, unless it is one of ours. */
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
      if (cause instanceof AuthError) throw cause;
      const told = (cause as { code?: unknown } | undefined)?.code === 'STORE' && cause instanceof Error;
      throw new AuthError('STORE', told ? cause.message : 'the token store failed');
    } finally {
      clock.clearTimeout(timer);
    }
  }
}
