/// <reference lib="esnext.disposable" preserve="true" />
// Tokens of users: the refresh token first, a password only where there is none; in a pool that is bounded.
import type { ClientOptions } from './client.js';
import { bare, invalid } from './endpoint.js';
import { ask, type Engine, keyOf, type Received, type Renewal, type Session, type Still, withClient } from './engine.js';
import { AuthError } from './errors.js';
import { requestByPassword, requestByRefresh, sendRevocation } from './grants.js';
import { hold, windowOf } from './policy.js';
import { type RevocableTokenSource, SessionSource } from './session.js';
import { refuse, Slot, troubled, wipe } from './slot.js';
import type { Home, TokenSource } from './source.js';

/** Reads a user's password, from wherever you keep it. It is asked for when a login is needed, and never kept. */
export type Credentials = (user: {
  /** As you wrote it. */
  readonly userId: string;
  readonly signal: AbortSignal;
}) => { readonly password: string } | Promise<{ readonly password: string }>;

export interface UserOptions {
  /** Without it, a session ends with its refresh token. */
  readonly credentials?: Credentials;
  /** Where to go on, if nothing is known of the user yet. */
  readonly session?: Session;
}

/** A user's tokens. */
export interface UserTokenSource extends RevocableTokenSource<'user'> {
  /** finAPI's id of the user, as you wrote it. */
  readonly userId: string;
  /** The tokens in clear text, to be saved; `undefined` where there are none. A token store does this for you. */
  session(): Session | undefined;
}

export interface PoolOptions {
  /** Users kept at once. The least recently used leave when further ones come; 10000 unless set. */
  readonly max?: number;
  /** Milliseconds after which an unused user may leave. They do when others come. One hour unless set. */
  readonly idleTtlMs?: number;
  readonly credentials?: Credentials;
}

/** The users of an application. */
export interface UserPool {
  /** A user's source. The same session, whichever way the id is spelled: finAPI's ids know no case. */
  get(userId: string, options?: UserOptions): UserTokenSource;
  /** Ends a user's session: wipes it here and in the store, and gives its tokens back. */
  logout(userId: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Users kept at the moment. */
  readonly size: number;
  /** Forgets all users without giving their tokens back; their sources are closed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Users looked at when one is added: for idle ones, and where one has to leave. */
const glance = 2;
const sample = 8;

export class Pool implements UserPool {
  readonly #engine: Engine;
  readonly #client: ClientOptions;
  readonly #voucher: TokenSource<'client'>;
  readonly #options: { readonly max: number; readonly idleTtlMs: number; readonly credentials: Credentials | undefined };
  /** By user id in lower case. */
  readonly #slots = new Map<string, Slot>();
  /** Renewals of sessions that were ended, by user id in lower case. */
  readonly #leaving = new Map<string, Promise<unknown>>();
  #hand = this.#slots.entries();

  constructor(engine: Engine, client: ClientOptions, voucher: TokenSource<'client'>, options: PoolOptions) {
    const { max = 10_000, idleTtlMs = 3_600_000, credentials } = bare(options);
    if (!(Number.isInteger(max) && max > 0)) throw invalid('max must be a whole number of users from 1');
    if (!(idleTtlMs > 0)) throw invalid('idleTtlMs must be milliseconds above 0');
    this.#engine = engine;
    this.#client = client;
    this.#voucher = voucher;
    this.#options = { max, idleTtlMs, credentials };
  }

  get size(): number {
    return this.#slots.size;
  }

  get(userId: string, options: UserOptions = {}): UserTokenSource {
    const { credentials = this.#options.credentials, session } = bare(options);
    if (typeof userId !== 'string' || userId === '') throw invalid('userId is missing');
    const engine = this.#engine;
    const id = userId.toLowerCase();
    const renewal = userRenewal(engine, this.#client, this.#voucher, userId, this.#keyOf(id), credentials);
    // Where to go on is said once: after an eviction, those tokens are old news.
    let begun = session;
    const home = {
      open: () => {
        const from = begun;
        begun = undefined;
        return this.#open(id, from);
      },
      leave: (flight: Promise<unknown> | undefined) => {
        this.#slots.delete(id);
        if (flight !== undefined) this.#wait(id, flight);
      },
    };
    return new UserSource(userId, engine, renewal, home, this.#voucher);
  }

  logout(userId: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return this.get(userId).logout(options);
  }

  /** Another process has changed what is stored under this key: the next call looks. Whether it is a user's of this pool. */
  changed(key: string): boolean {
    const start = this.#keyOf('');
    const slot = key.startsWith(start) ? this.#slots.get(decodeURIComponent(key.slice(start.length))) : undefined;
    if (slot?.held === undefined) return false;
    slot.held = undefined;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const slot of this.#slots.values()) wipe(slot, 'ended');
    this.#slots.clear();
  }

  #keyOf(id: string): string {
    return keyOf(this.#engine, this.#client.clientId, 'user', id);
  }

  #open(id: string, session: Session | undefined): Slot {
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      this.#makeRoom();
      slot = new Slot();
      seed(this.#engine, slot, session);
      const after = this.#leaving.get(id);
      if (after !== undefined) troubled(slot, { after });
      this.#slots.set(id, slot);
    }
    slot.usedAtS = this.#nowS();
    return slot;
  }

  #wait(id: string, flight: Promise<unknown>): void {
    const after = flight
      .catch(() => {})
      .finally(() => {
        if (this.#leaving.get(id) === after) this.#leaving.delete(id);
      });
    this.#leaving.set(id, after);
  }

  /** Lets idle users go, and where all places are taken the least recently used of a few. Who is being renewed stays. */
  #makeRoom(): void {
    const { max, idleTtlMs } = this.#options;
    const idle = this.#nowS() - idleTtlMs / 1000;
    let victim: [string, Slot] | undefined;
    for (let looked = 0; looked < this.#slots.size; looked++) {
      if (this.#slots.size < max ? looked >= glance : looked >= sample && victim !== undefined) break;
      const entry = this.#next();
      const [id, slot] = entry;
      if (slot.flight !== undefined) continue;
      if (slot.usedAtS < idle) this.#evict(id, slot);
      else if (victim === undefined || slot.usedAtS < victim[1].usedAtS) victim = entry;
    }
    if (this.#slots.size < max) return;
    if (victim === undefined)
      throw new AuthError('POOL_FULL', `all ${max} users of the pool are being logged in or renewed; try again, or raise its max`);
    this.#evict(...victim);
  }

  /** Where the hand stands that goes round over all users. */
  #next(): [string, Slot] {
    let step = this.#hand.next();
    if (step.done) {
      this.#hand = this.#slots.entries();
      step = this.#hand.next();
    }
    return step.value as [string, Slot];
  }

  #nowS(): number {
    return Math.floor(this.#engine.endpoint.clock.now() / 1000);
  }

  #evict(id: string, slot: Slot): void {
    this.#slots.delete(id);
    wipe(slot, 'evicted');
    this.#engine.emit('evicted', this.#keyOf(id));
  }
}

class UserSource extends SessionSource<'user'> implements UserTokenSource {
  readonly userId: string;

  constructor(userId: string, engine: Engine, renewal: Renewal, home: Home, voucher: TokenSource<'client'>) {
    super('user', engine, renewal, home, voucher);
    this.userId = userId;
  }
}

function seed(engine: Engine, slot: Slot, session: Session | undefined): void {
  if (session === undefined) return;
  const { accessToken, expiresAt, refreshToken } = bare(session);
  slot.refreshToken = refreshToken;
  if (accessToken === undefined || expiresAt === undefined) return;
  const { clock } = engine.endpoint;
  const moment = { now: clock.now(), monotonic: clock.monotonic() };
  // JSON writes null for what never ends.
  const lifeMs = (expiresAt ?? Number.POSITIVE_INFINITY) - moment.now;
  slot.held = hold(accessToken, lifeMs, moment, windowOf(lifeMs, engine.policy, engine.random()));
}

function userRenewal(
  engine: Engine,
  client: ClientOptions,
  voucher: TokenSource<'client'>,
  userId: string,
  key: string,
  credentials: Credentials | undefined,
): Renewal {
  const { endpoint } = engine;

  const refresh = (token: string, signal: AbortSignal, still?: Still): Promise<Received> =>
    withClient(client, signal, (it) => ask(engine, key, 'refresh_token', () => requestByRefresh(endpoint, it, token, { signal }), still));

  const digestOf = (password: string, signal: AbortSignal): Promise<string> =>
    withClient(client, signal, ({ clientSecret }) => digest(clientSecret, `${key}\n${password}`));

  const logIn = async (slot: Slot, read: Credentials, signal: AbortSignal, still?: Still): Promise<Received> => {
    const { password } = await read({ userId, signal });
    const mark = await digestOf(password, signal);
    signal.throwIfAborted();
    const refused = slot.trouble?.refused?.find(({ digest }) => digest === mark);
    if (refused !== undefined)
      throw new AuthError(refused.code, 'these credentials were refused before; they are not sent again', { grant: 'password' });
    try {
      return await withClient(client, signal, (it) =>
        ask(engine, key, 'password', () => requestByPassword(endpoint, it, userId, password, { signal }), still),
      );
    } catch (cause) {
      if (cause instanceof AuthError && (cause.code === 'INVALID_CREDENTIALS' || cause.code === 'USER_LOCKED'))
        refuse(slot, [{ digest: mark, code: cause.code }]);
      throw cause;
    }
  };

  return {
    key,
    alone: false,
    async discard({ accessToken, refreshToken }) {
      const bearer = await voucher.get();
      if (refreshToken !== undefined) await sendRevocation(endpoint, bearer, refreshToken, 'refresh_token', {});
      if (accessToken !== undefined) await sendRevocation(endpoint, bearer, accessToken, 'access_token', {});
    },
    async redeem(slot, signal, still) {
      const { refreshToken: token } = slot;
      if (token !== undefined) {
        try {
          return await refresh(token, signal, still);
        } catch (cause) {
          // Only a refused refresh token leads to the password: a lock, a missing verification or a fault of the network never do.
          const code = cause instanceof AuthError ? cause.code : undefined;
          if (code !== 'SESSION_EXPIRED' && code !== 'USER_LOCKED') throw cause;
          if (slot.refreshToken === token) slot.refreshToken = undefined;
          if (code === 'USER_LOCKED') {
            // The password that the user has now did not help against the lock; a changed one will.
            const read = async () => credentials?.({ userId, signal });
            // Whether it can be read or not, what is told is the lock.
            const known = await read().catch(() => undefined);
            if (known !== undefined) refuse(slot, [{ digest: await digestOf(known.password, signal), code }]);
            throw cause;
          }
          if (credentials === undefined) throw cause;
        }
      }
      if (credentials === undefined) throw new AuthError('SESSION_EXPIRED', 'there is no refresh token, and no credentials to log in with');
      return logIn(slot, credentials, signal, still);
    },
  };
}

/** Tells whether a password is one that was refused, without keeping it: HMAC-SHA-256 under the client's secret, which no store holds. */
async function digest(secret: string, text: string): Promise<string> {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes.encode(text)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
