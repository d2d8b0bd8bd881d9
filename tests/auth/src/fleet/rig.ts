// Several processes of one application, on one store, one sandbox and one test clock.
import { type Auth, type AuthEvent, type AuthOptions, accessV1, createAuth, type UserTokenSource } from '@finapi-ts/auth-helpers';
import { type ClientOptions, type Clock, createSandbox, createTestClock, type Sandbox, type TestClock } from '@finapi-ts/testing';
import { type ShakyStore, shakyStore } from './store.ts';
import { type TokenRequest, watch } from './watch.ts';

export interface Process {
  readonly auth: Auth;
  /** Opened when it is first looked at. */
  readonly alice: UserTokenSource;
  readonly events: AuthEvent[];
  /** How often something happened. */
  count(type: AuthEvent['type']): number;
}

export interface ProcessOptions extends Partial<AuthOptions> {
  /** Without the store of the others. */
  readonly alone?: boolean;
  /** How far its wall clock is ahead, in milliseconds. */
  readonly aheadMs?: number;
  /** `false`: it cannot log in by password. */
  readonly password?: boolean;
}

export interface Rig {
  readonly clock: TestClock;
  readonly sandbox: Sandbox;
  readonly store: ShakyStore;
  /** All token requests of all processes. */
  readonly requests: readonly TokenRequest[];
  /** What the credentials of each user read as. */
  readonly passwords: Map<string, string>;
  start(name: string, options?: ProcessOptions): Process;
  /** Lets time pass until a promise has settled. */
  finish<T>(promise: Promise<T>, withinMs?: number): Promise<T>;
  /** Grants of the requests so far. */
  grants(): string[];
}

const clientId = 'shop';
const clientSecret = 'secret of the shop';

export function createRig(client: Partial<ClientOptions> = {}, userIds: readonly string[] = ['alice']): Rig {
  const clock = createTestClock();
  const passwords = new Map(userIds.map((id) => [id, `password of ${id}`]));
  const users = userIds.map((id) => ({ id, password: `password of ${id}` }));
  const sandbox = createSandbox({ clock, clients: [{ clientId, clientSecret, ...client }], users });
  const store = shakyStore(clock);
  const watched = watch(sandbox, () => clock.serverNow());

  return {
    clock,
    sandbox,
    store,
    requests: watched.requests,
    passwords,
    grants: () => watched.requests.map(({ grant }) => grant),
    start(name, { alone = false, aheadMs = 0, password = true, ...options } = {}) {
      const events: AuthEvent[] = [];
      const auth = createAuth({
        baseUrl: sandbox.baseUrl,
        preset: accessV1,
        clientId,
        clientSecret,
        clock: aheadMs === 0 ? clock : ahead(clock, aheadMs),
        fetch: watched.fetchOf(name) as NonNullable<AuthOptions['fetch']>,
        onEvent: (event) => events.push(event),
        ...(alone ? {} : { store }),
        ...(password ? { users: { credentials: ({ userId }) => ({ password: passwords.get(userId.toLowerCase()) ?? 'none' }) } } : {}),
        ...options,
      });
      let alice: UserTokenSource | undefined;
      return {
        auth,
        get alice() {
          alice ??= auth.user('alice');
          return alice;
        },
        events,
        count: (type) => events.filter((event) => event.type === type).length,
      };
    },
    async finish(promise, withinMs = 120_000) {
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      promise.then(done, done);
      await clock.advance(0);
      for (let passed = 0; !settled; passed += 50) {
        if (passed > withinMs) throw new Error(`nothing came of it within ${withinMs} ms of the test clock`);
        await clock.advance(50);
      }
      return promise;
    },
  };
}

const ahead = (clock: Clock, ms: number): Clock => ({
  now: () => clock.now() + ms,
  monotonic: () => clock.monotonic(),
  setTimeout: (run, delay) => clock.setTimeout(run, delay),
  clearTimeout: (timer) => clock.clearTimeout(timer),
});
