// What the model knows of one run: the processes, the calls under way, what has happened, and what must hold at all times.
import { AuthError, type GetOptions, type TokenSource } from '@finapi-ts/auth-helpers';
import { createRig, type Process, type Rig } from '../fleet/rig.ts';
import type { TokenRequest } from '../fleet/watch.ts';

export interface Settings {
  /** Whether both processes share a store. */
  readonly shared: boolean;
  readonly rotate: boolean;
  /** Lives in seconds; 0 is for ever. */
  readonly lives: { readonly client: number; readonly user: number; readonly refresh: number };
}

export const subjects = ['client', 'alice', 'bob'] as const;
export type Subject = (typeof subjects)[number];
export const userIds = ['alice', 'bob'] as const;

/** How the token endpoint behaves until told otherwise. */
export type Weather = 'fair' | 'down' | 'resetting' | 'hanging';

export interface StoreState {
  readonly down?: boolean;
  /** Only writes fail. */
  readonly full?: boolean;
  readonly latencyMs?: number;
}

const stepMs = 500;
/** Short, so that little has to be simulated. */
const timeouts = { timeoutMs: 3000, storeTimeoutMs: 1000, renewalTimeoutMs: 9000 };
/** No flight is under way for longer: its own time-out ends it. */
const flightMs = timeouts.renewalTimeoutMs + 1000;

export class World {
  readonly rig: Rig;
  readonly settings: Settings;
  readonly processes: Process[];
  /** What does not hold; the run fails with these. */
  readonly faults: string[] = [];
  /** Tokens that were handed out, by process and subject, latest last. */
  readonly #seen = new Map<string, string[]>();
  readonly #pending = new Set<Promise<void>>();
  readonly #moves: { readonly at: number; readonly jumped: number; readonly slept: number }[] = [];
  #weather: Weather = 'fair';
  #passwords = 0;
  /** Events after which a process may have to ask anew for any of its tokens. */
  #upsets = 0;
  /** Calls that ask for a new token, and refusals. */
  #pokes = 0;
  #singleFaults = 0;
  #outages = 0;
  #outageMs = 0;
  #storeTroubles = 0;
  #lostAnswers = 0;
  /** By user id: whoever logs out begins anew, and forgets which password was refused. */
  readonly #logouts = new Map<string, number>();
  readonly #began: number;

  constructor(settings: Settings) {
    const { lives, rotate } = settings;
    this.settings = settings;
    this.rig = createRig(
      { clientTokenLifeS: lives.client, userTokenLifeS: lives.user, refreshTokenLifeS: lives.refresh, rotateRefreshTokens: rotate },
      userIds,
    );
    this.processes = [this.#start()];
    this.#began = this.rig.clock.serverNow();
    this.#moved(0, 0);
  }

  #start(): Process {
    return this.rig.start(`process ${this.processes?.length ?? 0}`, { alone: !this.settings.shared, ...timeouts });
  }

  startSecond(): void {
    if (this.processes.length > 1) return;
    this.#upsets++;
    this.processes.push(this.#start());
  }

  /** Time passes; while calls are under way in small steps, so that what follows from each has settled before the next. */
  async advance(ms: number): Promise<void> {
    const { clock } = this.rig;
    const until = clock.monotonic() + ms;
    await this.#tick(0);
    for (let passed = 0; this.#pending.size > 0 && clock.monotonic() < until && passed < flightMs; passed += stepMs)
      await this.#tick(Math.min(stepMs, until - clock.monotonic()));
    if (clock.monotonic() < until) await this.#tick(until - clock.monotonic());
  }

  async #tick(ms: number): Promise<void> {
    if (this.#weather !== 'fair') this.#outageMs += ms;
    await this.rig.clock.advance(ms);
  }

  sourceOf(process: number, subject: Subject): TokenSource<'client'> | TokenSource<'user'> {
    const { auth } = this.#process(process);
    return subject === 'client' ? auth.client : auth.user(subject);
  }

  #process(at: number): Process {
    return this.processes[at % this.processes.length] as Process;
  }

  /** Asks for a token without waiting for it. */
  get(process: number, subject: Subject, options: GetOptions | undefined, aborted = false): void {
    if (options !== undefined) this.#pokes++;
    const controller = new AbortController();
    const reason = new Error('the caller gave up');
    const call = this.sourceOf(process, subject)
      .get(aborted ? { ...options, signal: controller.signal } : options)
      .then(
        (token) => this.#received(process, subject, token),
        (cause: unknown) => {
          if (cause === reason || cause instanceof AuthError) return;
          this.faults.push(`get failed with something that is no AuthError: ${cause}`);
        },
      )
      .finally(() => this.#pending.delete(call));
    this.#pending.add(call);
    if (aborted) queueMicrotask(() => controller.abort(reason));
  }

  /**
   * Somebody who asks again and again for three seconds. A refresh and a login, or a token that comes again, are two requests; in an
   * outage, pauses of at least a quarter, a half, one and two seconds leave room for five.
   */
  async hammer(process: number, subject: Subject): Promise<void> {
    const asked = (): number =>
      this.rig.requests.filter((it) => whoseOf(it) === `process ${process % this.processes.length}: ${subject}`).length;
    const before = asked();
    for (let call = 0; call < 40; call++) {
      this.get(process, subject, undefined);
      await this.#tick(75);
    }
    const enough = 5 + 2 * this.#singleFaults;
    if (asked() - before > enough)
      this.faults.push(`${asked() - before} token requests for ${subject} in three seconds; ${enough} are enough`);
  }

  getBoth(subject: Subject): void {
    for (const process of [0, 1]) this.get(process, subject, undefined);
  }

  #received(process: number, subject: Subject, text: string): void {
    const { clock, sandbox } = this.rig;
    const key = `${process % this.processes.length} ${subject}`;
    this.#seen.set(key, [...(this.#seen.get(key) ?? []), text]);
    const token = sandbox.tokens.find(text);
    if (token === undefined) return void this.faults.push('a token was handed out that the sandbox has not issued');
    if (token.kind !== 'access') this.faults.push('a refresh token was handed out');
    if ((token.userId ?? 'client') !== subject) this.faults.push(`${subject} was given a token of ${token.userId ?? 'the client'}`);
    if (token.expiresAt === undefined) return;
    const overMs = clock.serverNow() - token.expiresAt;
    const allowedMs = this.#unseenMs(token.issuedAt);
    if (overMs >= allowedMs) this.faults.push(`${subject} was given a token ${overMs} ms after its end; ${allowedMs} ms are unavoidable`);
  }

  /**
   * By how much a token can be used beyond its end without anybody being to blame. `expires_in` is whole seconds and at least 1,
   * so that less than a second is left open. In memory, the monotonic clock still tells of an end that a wall clock which was set
   * back hides, unless the machine slept as well. What is stored ends by the clock of the store.
   */
  #unseenMs(issuedAt: number): number {
    const since = this.#moves.filter(({ at }, place) => at >= issuedAt - flightMs || place === this.#moves.length - 1);
    const { jumped = 0, slept = 0 } = this.#moves.at(-1) ?? {};
    const before = this.#moves.findLast(({ at }) => at < issuedAt - flightMs) ?? { jumped: 0, slept: 0 };
    const setBackMs = Math.max(0, ...[before, ...since].map((it) => it.jumped - jumped));
    const sleptMs = slept - before.slept;
    return 1000 + Math.min(setBackMs, sleptMs);
  }

  /** The data call was answered with 401. */
  reject(process: number, subject: Subject, which: 'current' | 'old'): void {
    const seen = this.#seen.get(`${process % this.processes.length} ${subject}`) ?? [];
    const token = which === 'current' ? seen.at(-1) : seen[0];
    if (token === undefined) return;
    this.#pokes++;
    this.sourceOf(process, subject).reject(token);
  }

  /** finAPI ends tokens before their time. */
  voidTokens(subject: Subject, all: boolean): void {
    this.#upsets++;
    const { tokens } = this.rig.sandbox;
    for (const { token, kind, userId } of tokens.list())
      if ((userId ?? 'client') === subject && (all || kind === 'access')) tokens.void(token);
  }

  setWeather(weather: Weather): void {
    const { faults } = this.rig.sandbox;
    faults.clear();
    this.#weather = weather;
    if (weather === 'fair') return;
    this.#outages++;
    const fault = { down: { status: 503 }, resetting: { reset: true }, hanging: { latencyMs: 60_000 } }[weather];
    faults.add({ operationId: 'getToken', times: Number.POSITIVE_INFINITY, ...fault });
  }

  /** The next answer is lost although finAPI has acted. */
  loseAnswer(): void {
    this.#singleFaults++;
    this.#lostAnswers++;
    this.rig.sandbox.faults.add({ operationId: 'getToken', reset: true, afterHandling: true });
  }

  /** The next answer comes late. */
  delayAnswer(latencyMs: number): void {
    this.rig.sandbox.faults.add({ operationId: 'getToken', latencyMs, afterHandling: true });
  }

  limit(retryAfterS: number): void {
    this.#singleFaults++;
    this.rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS });
  }

  setStore({ down = false, full = false, latencyMs = 0 }: StoreState): void {
    const { store } = this.rig;
    this.#upsets++;
    this.#storeTroubles++;
    store.down = down;
    store.latencyMs = latencyMs;
    store.before = (call) => {
      if (full && call === 'set') throw new Error('the disk is full');
    };
  }

  async flushStore(): Promise<void> {
    this.#upsets++;
    this.#storeTroubles++;
    await this.rig.store.flush();
  }

  logout(process: number, userId: string): void {
    this.#upsets++;
    count(this.#logouts, userId);
    const call = this.#process(process)
      .auth.users.logout(userId)
      .catch((cause: unknown) => {
        if (!(cause instanceof AuthError)) this.faults.push(`logout failed with something that is no AuthError: ${cause}`);
      })
      .finally(() => this.#pending.delete(call));
    this.#pending.add(call);
  }

  /** @param known whether the application knows the new password at once */
  changePassword(userId: string, known: boolean): void {
    this.#upsets++;
    const password = `password ${++this.#passwords} of ${userId}`;
    this.rig.sandbox.users.setPassword(userId, password);
    if (known) this.rig.passwords.set(userId, password);
  }

  learnPasswords(): void {
    this.#upsets++;
    for (const id of userIds) this.rig.passwords.set(id, this.rig.sandbox.users.get(id).password);
  }

  jump(ms: number): void {
    this.#upsets++;
    this.rig.clock.jump(ms);
    this.#moved(ms, 0);
  }

  suspend(ms: number): void {
    this.#upsets++;
    this.rig.clock.suspend(ms);
    this.#moved(0, ms);
  }

  #moved(jumpedMs: number, sleptMs: number): void {
    const { jumped, slept } = this.#moves.at(-1) ?? { jumped: 0, slept: 0 };
    this.#moves.push({ at: this.rig.clock.serverNow() - sleptMs, jumped: jumped + jumpedMs, slept: slept + sleptMs });
  }

  /** Mends everything, waits, and asks once more for everything: whatever has happened, nothing is lost for good. */
  async recover(): Promise<void> {
    const { sandbox, clock } = this.rig;
    this.setWeather('fair');
    this.setStore({});
    this.learnPasswords();
    for (const id of userIds) if (sandbox.users.get(id).locked) this.changePassword(id, true);
    for (const subject of subjects) this.get(0, subject, undefined);
    // Longer than any pause, and than Retry-After once more by a clock that was set back.
    await this.advance(16 * 60_000);
    for (let process = 0; process < this.processes.length; process++)
      for (const subject of subjects) {
        const source = this.sourceOf(process, subject);
        const ask = (): Promise<string> => {
          this.#pokes++;
          return this.rig.finish(source.get());
        };
        try {
          // One that was ended before its time can be held here, and another one in the store.
          let token = await ask();
          for (let refusals = 0; refusals < 2 && !sandbox.tokens.isValid(token); refusals++) {
            source.reject(token);
            // What finAPI has insisted on before is believed for a while.
            await clock.advance(61_000);
            token = await ask();
          }
          if (!sandbox.tokens.isValid(token)) this.faults.push(`process ${process} has no valid token of ${subject} after all is mended`);
        } catch (cause) {
          this.faults.push(`process ${process} has no token of ${subject} after all is mended: ${cause}`);
        }
      }
    await this.advance(0);
    if (this.#pending.size > 0) this.faults.push(`${this.#pending.size} calls never settled`);
  }

  /** What must hold of the requests that went out. */
  check(): void {
    const { requests, sandbox } = this.rig;
    const { shared, rotate } = this.settings;
    const fleet = shared && this.#storeTroubles === 0;
    const refused = new Map<string, { userId: string; times: number }>();
    const refuse = (userId: string, what: string): void => {
      refused.set(what, { userId, times: (refused.get(what)?.times ?? 0) + 1 });
    };
    const asked = new Map<string, number>();
    const succeeded = new Map<string, number>();
    const superseded = new Set<string>();
    for (const request of requests) {
      const { from, grant, beside, refreshToken = '', password, userId = '' } = request;
      count(asked, whoseOf(request));
      if (beside.process > 1) this.faults.push(`${from} had ${beside.process} token requests for one key under way`);
      // A client goes on without a store that is down, so that two processes may ask at once.
      if (shared && grant !== 'client_credentials' && beside.all > 1)
        this.faults.push(`processes on one store had ${beside.all} token requests for one user under way`);
      if (grant === 'refresh_token' && rotate) {
        if (superseded.has(`${from} ${refreshToken}`) || (fleet && superseded.has(refreshToken)))
          this.faults.push(`${from} sent a refresh token again whose successor it could know`);
        if (request.outcome === 200) {
          superseded.add(`${from} ${refreshToken}`).add(refreshToken);
          count(succeeded, refreshToken);
        }
      }
      if (grant === 'password' && request.outcome === 400) {
        refuse(userId, `${from}, ${password}`);
        if (fleet) refuse(userId, `any process, ${password}`);
      }
    }
    for (const [token, times] of succeeded)
      if (times > 1) this.faults.push(`a rotating refresh token was redeemed ${times} times: ${token}`);
    for (const [what, { userId, times }] of refused)
      if (times > 1 + (this.#logouts.get(userId) ?? 0)) this.faults.push(`a refused password was sent ${times} times: ${what}`);
    if (this.#lostAnswers === 0 && sandbox.users.list().some(({ id, locked }) => locked && !this.#logouts.has(id)))
      this.faults.push('a user was locked');
    for (const [whose, times] of asked)
      if (times > this.bound()) this.faults.push(`${times} token requests of ${whose}, where ${this.bound()} are enough`);
  }

  /**
   * How many requests for one token of one process are enough: one at first, one after each event that upsets it, one for each call
   * that asks for a new token and each refusal, and two in each of its lives, since the second may bring the same token again. All
   * of these twice, since a password follows a refused refresh token. Beside that, one for each fault that hits one request, and in
   * outages one after each pause, which doubles up to a minute; of each, `random` leaves at least a quarter.
   */
  bound(): number {
    const lives = [this.settings.lives.client, this.settings.lives.user].filter((life) => life > 0);
    const renewals = (2 * (this.rig.clock.serverNow() - this.#began)) / (Math.min(...lives, Number.POSITIVE_INFINITY) * 1000);
    const outages = 8 * this.#outages + this.#outageMs / 15_000;
    return Math.ceil(2 * (1 + this.#upsets + this.#pokes + renewals) + 2 * this.#singleFaults + outages);
  }
}

/** For which token of which process it was sent. */
const whoseOf = ({ from, grant, userId }: TokenRequest): string => `${from}: ${grant === 'client_credentials' ? 'client' : userId}`;

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
