// Many users at once: whose token is whose, how many are kept, and who has to leave.
import { createAuth, type TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { createTestClock } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { client, deferred, failureOf, outcomes, type Sent, scripted, tokens } from '../src/scripted.ts';
import { minutes, password, seconds, stage } from '../src/stage.ts';

const times = <T>(count: number, run: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => run(index));
const credentials = (): { password: string } => ({ password: 'p' });
/** A token that says for whom it is. */
const own = ({ form }: Sent): Response => tokens({ access_token: `token-of-${form['username']}`, refresh_token: 'r' });

describe('whose token it is', () => {
  it('21 users at once never swap tokens', async () => {
    const users = times(50, (index) => ({ id: `User-${index}`, password }));
    const { auth, finapi, sandbox, clock } = stage({ users });
    for (let round = 0; round < 3; round++) {
      const seen = await Promise.all(users.map(({ id }) => finapi.as(auth.user(id)).users.getAuthorizedUser()));
      expect(seen.map(({ id }) => id)).toEqual(users.map(({ id }) => id));
      if (round === 0) for (const { token } of sandbox.tokens.list({ kind: 'access', identity: 'user' })) sandbox.tokens.void(token);
      else await clock.advance(minutes(61));
    }
  });

  it('21 ids that differ in case alone are one user', async () => {
    const { auth, asked } = stage();
    const all = await Promise.all(['alice', 'Alice', 'ALICE', 'aLiCe'].map((id) => auth.user(id).get()));
    expect(new Set(all).size).toBe(1);
    expect([asked(), auth.users.size]).toEqual([1, 1]);
    expect(auth.user('ALICE').userId).toBe('ALICE');
  });

  it('21 keys hold issuer, client and the user id in lower case, and no two mean the same', async () => {
    const keys: string[] = [];
    const memory = memoryStore();
    const store: TokenStore = {
      ...memory,
      set: (key, value, options) => {
        keys.push(key);
        return memory.set(key, value, options);
      },
    };
    const { fetch } = scripted(own);
    const tricky = [
      ['https://one.test', 'x', 'user:y'],
      ['https://one.test', 'x:user', 'y'],
      ['https://one.test', 'x%3Auser', 'y'],
      ['https://one.test/x', 'user', 'y'],
      ['https://two.test', 'x', 'user:y'],
      ['https://one.test', 'x', 'y'],
      ['https://one.test', 'X', 'y'],
    ] as const;
    for (const [baseUrl, clientId, userId] of tricky) {
      const auth = createAuth({ ...client, baseUrl: baseUrl as typeof client.baseUrl, clientId: clientId as 'household', fetch, store });
      await auth.user(userId, { credentials }).get();
      await auth.client.get();
    }
    // Two of them differ in the user alone, and share the client's key.
    expect(new Set(keys).size).toBe(2 * tricky.length - 1);
    expect(keys[0]).toContain(encodeURIComponent('https://one.test'));
    const before = keys.length;
    await createAuth({ ...client, fetch, store })
      .user('Alice', { credentials })
      .get();
    await createAuth({ ...client, fetch, store })
      .user('ALICE', { credentials })
      .get({ force: true });
    expect(new Set(keys.slice(before)).size).toBe(1);
    expect(keys.at(-1)).toMatch(/household.*alice$/);
  });

  it('21 the client and an admin client have tokens of their own', async () => {
    const { auth, finapi, sandbox } = stage();
    await Promise.all([finapi.banks.getBank({ id: 1 }), auth.admin?.get()]);
    const [one, other] = [await auth.client.get(), await auth.admin?.get()];
    expect(one).not.toBe(other);
    expect([one, other ?? ''].map((token) => sandbox.tokens.find(token)?.identity)).toEqual(['client', 'admin']);
  });
});

describe('the bound of the pool', () => {
  it('22 holds under a flood', async () => {
    const { fetch } = scripted(own);
    const auth = createAuth({ ...client, fetch, users: { max: 100, credentials } });
    let most = 0;
    for (let round = 0; round < 5; round++) {
      const got = await Promise.all(times(90, (index) => auth.user(`user-${round}-${index}`).get()));
      expect(got).toEqual(times(90, (index) => `token-of-user-${round}-${index}`));
      most = Math.max(most, auth.users.size);
    }
    expect(most).toBe(100);
  });

  it('22 lets one leave for one that comes, and never all', async () => {
    const { fetch } = scripted(own);
    const evicted: string[] = [];
    const auth = createAuth({
      ...client,
      fetch,
      users: { max: 50, credentials },
      onEvent: ({ type, key }) => type === 'evicted' && evicted.push(key),
    });
    const first = times(50, (index) => auth.user(`first-${index}`));
    await Promise.all(first.map((source) => source.get()));
    for (let more = 1; more <= 10; more++) {
      await auth.user(`more-${more}`).get();
      expect([auth.users.size, evicted.length]).toEqual([50, more]);
    }
    // Of those used within the same second anyone may leave.
    expect(first.filter((source) => source.peek() !== undefined).length).toBeGreaterThanOrEqual(40);
  });

  it('22 costs no user in flight its record, and who finds no place is told so', async () => {
    const answer = deferred();
    const { fetch, sent } = scripted(async (request) => {
      await answer.promise;
      return own(request);
    });
    const auth = createAuth({ ...client, fetch, users: { max: 10, credentials } });
    const flights = times(10, (index) => auth.user(`user-${index}`).get());
    for (let more = 0; more < 5; more++)
      expect(() => auth.user(`more-${more}`)).toThrow(expect.objectContaining({ code: 'POOL_FULL', retryable: true }));
    expect(auth.users.size).toBe(10);
    // They are still the same flights: nobody logs in a second time.
    const again = times(10, (index) => auth.user(`USER-${index}`).get());
    answer.resolve();
    expect(await Promise.all([...flights, ...again])).toEqual([...Array(2)].flatMap(() => times(10, (index) => `token-of-user-${index}`)));
    expect(sent).toHaveLength(10);
    expect(await auth.user('more').get()).toBe('token-of-more');
    expect(auth.users.size).toBe(10);
  });

  it('22 lets those leave that were used longest ago', async () => {
    const clock = createTestClock();
    const { fetch } = scripted(own);
    const auth = createAuth({ ...client, fetch, clock, users: { max: 8, credentials } });
    const sources = times(8, (index) => auth.user(`user-${index}`));
    for (const source of sources) {
      await source.get();
      await clock.advance(seconds(2));
    }
    await sources[0]?.get();
    await auth.user('another').get();
    expect(sources.map((source) => source.peek() !== undefined)).toEqual([true, false, true, true, true, true, true, true]);
  });

  it('lets idle users leave when others come', async () => {
    const clock = createTestClock();
    const { fetch } = scripted(own);
    const auth = createAuth({ ...client, fetch, clock, users: { max: 100, idleTtlMs: minutes(5), credentials } });
    await Promise.all(times(10, (index) => auth.user(`idle-${index}`).get()));
    await clock.advance(minutes(4));
    await auth.user('busy').get();
    expect(auth.users.size).toBe(11);
    await clock.advance(minutes(2));
    for (let index = 0; index < 10; index++) await auth.user(`new-${index}`).get();
    expect(auth.users.size).toBe(11);
    expect(auth.user('busy').peek()).toBe('token-of-busy');
  });

  it('does not let a user leave who is asked for with a signal all the time', async () => {
    const clock = createTestClock();
    const { fetch, sent } = scripted(own);
    const auth = createAuth({ ...client, fetch, clock, users: { max: 100, idleTtlMs: minutes(5), credentials } });
    const { signal } = new AbortController();
    const busy = auth.user('busy');
    for (let minute = 0; minute < 10; minute++) {
      await busy.get({ signal });
      await auth.user(`other-${minute}`).get();
      await clock.advance(minutes(1));
    }
    expect(sent.filter(({ form }) => form['username'] === 'busy')).toHaveLength(1);
  });

  it('lets a source whose record has left go on with a new login', async () => {
    const { fetch, sent } = scripted(own);
    const auth = createAuth({ ...client, fetch, users: { max: 1, credentials } });
    const alice = auth.user('alice');
    await alice.get();
    await auth.user('bob').get();
    expect(alice.status().state).toBe('none');
    expect(await alice.get()).toBe('token-of-alice');
    expect(sent.map(({ form }) => form['username'])).toEqual(['alice', 'bob', 'alice']);
    expect(auth.users.size).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %d', (max) => {
    expect(() => createAuth({ ...client, users: { max } })).toThrow('max');
  });

  it.each([0, -1, Number.NaN])('cannot be left after %d ms', (idleTtlMs) => {
    expect(() => createAuth({ ...client, users: { idleTtlMs } })).toThrow('idleTtlMs');
  });
});

describe('the end of a pool', () => {
  it('closes all sources, and gives nothing back', async () => {
    const { auth, sandbox } = stage();
    const [alice, bob] = [auth.user('alice'), auth.user('bob')];
    await Promise.all([alice.get(), bob.get()]);
    await auth.users[Symbol.asyncDispose]();
    expect(await outcomes([alice.get(), bob.get()])).toEqual(['CLOSED', 'CLOSED']);
    expect([alice.status().state, alice.peek(), auth.users.size]).toEqual(['closed', undefined, 0]);
    expect(sandbox.log.filter(({ operationId }) => operationId === 'revokeToken')).toEqual([]);
    expect(await auth.user('alice').get()).toBeDefined();
  });

  it('comes with the end of the application', async () => {
    const { auth } = stage();
    await Promise.all([auth.client.get(), auth.admin?.get(), auth.user('alice').get()]);
    const alice = auth.user('alice');
    await auth[Symbol.asyncDispose]();
    for (const source of [auth.client, auth.admin, alice])
      expect((await failureOf(source?.get() ?? Promise.resolve())).code).toBe('CLOSED');
  });
});
