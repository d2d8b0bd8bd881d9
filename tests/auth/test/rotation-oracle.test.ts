// Against an authorization server that we did not write: rotation, reuse, revocation and errors as others understand RFC 6749 and 7009.
import { type AuthOptions, createAuth } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { afterEach, describe, expect, it } from 'vitest';
import { clientId, clientSecret, type Oracle, password, preset, startOracle } from '../src/oracle/server.ts';

const open: Oracle[] = [];
afterEach(async () => {
  for (const oracle of open.splice(0)) await oracle[Symbol.asyncDispose]();
});

async function start(): Promise<Oracle> {
  const oracle = await startOracle();
  open.push(oracle);
  return oracle;
}

const authOf = ({ url, fetch }: Oracle, options: Partial<AuthOptions> = {}) =>
  createAuth({ baseUrl: url, preset, clientId, clientSecret, fetch, users: { credentials: () => ({ password }) }, ...options });

/** The same server; what goes to it is noted. */
const watch = (oracle: Oracle, requests: string[]): Oracle => ({
  ...oracle,
  fetch(url, init) {
    requests.push(url);
    return oracle.fetch(url, init);
  },
});

const withoutPassword = { users: {} };

describe('With oidc-provider, which rotates refresh tokens and detects reuse,', () => {
  it('a login, several rotations and calls at once end no session', async () => {
    const oracle = await start();
    const alice = authOf(oracle).user('alice');
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 5; round++) {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => alice.get({ force: round > 0 })));
      expect(new Set(tokens).size).toBe(1);
      expect(await oracle.knows(tokens[0])).toBe(true);
      seen.add(alice.session()?.refreshToken);
    }
    expect(seen.size).toBe(5);
    expect(oracle.granted).toEqual(['password', ...Array(4).fill('refresh_token')]);
    expect(oracle.ended).toEqual([]);
  });

  it('it is the life that it states which counts', async () => {
    const oracle = await start();
    const alice = authOf(oracle).user('alice');
    const before = Date.now();
    await alice.get();
    const { expiresAt = 0, state } = alice.status();
    expect(state).toBe('fresh');
    expect(expiresAt).toBeGreaterThanOrEqual(before + 600_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it('four processes on one store redeem each refresh token once, also when the token was refused to all at once', async () => {
    const oracle = await start();
    const store = memoryStore();
    const processes = Array.from({ length: 4 }, () => authOf(oracle, { store }).user('alice'));
    for (let round = 0; round < 4; round++) {
      const tokens = await Promise.all(processes.map((alice) => alice.get()));
      expect(new Set(tokens).size).toBe(1);
      for (const alice of processes) alice.reject(tokens[0] ?? '');
    }
    expect(oracle.granted).toEqual(['password', 'refresh_token', 'refresh_token', 'refresh_token']);
    expect(oracle.ended).toEqual([]);
  });

  it('processes without a store lose the session to its detection of reuse, and log in again', async () => {
    const oracle = await start();
    const one = authOf(oracle).user('alice');
    await one.get();
    const other = authOf(oracle).user('alice', { session: one.session() ?? {} });
    await one.get({ force: true });
    expect(await oracle.knows(await other.get({ force: true }))).toBe(true);
    expect(oracle.ended).toHaveLength(1);
    expect(await oracle.knows(await one.get({ force: true }))).toBe(true);
    expect(oracle.granted).toEqual(['password', 'refresh_token', 'password', 'password']);
  });

  it('a session that was ended fails with SESSION_EXPIRED where there is no password, and asks no more', async () => {
    const oracle = await start();
    const first = authOf(oracle);
    await first.user('alice').get();
    const session = first.user('alice').session() ?? {};
    await first.users.logout('alice');
    const alice = authOf(oracle, withoutPassword).user('alice', { session });
    await expect(alice.get({ force: true })).rejects.toMatchObject({ code: 'SESSION_EXPIRED', status: 400, retryable: false });
    const requests: string[] = [];
    const watched = watch(oracle, requests);
    const again = authOf(watched, withoutPassword).user('alice', { session: { refreshToken: session.refreshToken } });
    for (let call = 0; call < 3; call++) await expect(again.get()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    expect(requests).toHaveLength(1);
  });

  it('a wrong secret is INVALID_CLIENT, for the client, a login and a refresh', async () => {
    const oracle = await start();
    const auth = authOf(oracle);
    await auth.user('alice').get();
    const wrong = authOf(oracle, { clientSecret: 'wrong' });
    const expected = { code: 'INVALID_CLIENT', status: 401, retryable: false };
    await expect(wrong.client.get()).rejects.toMatchObject(expected);
    await expect(wrong.user('alice').get()).rejects.toMatchObject(expected);
    const other = authOf(oracle, { clientSecret: 'wrong' }).user('alice', { session: auth.user('alice').session() ?? {} });
    await expect(other.get({ force: true })).rejects.toMatchObject(expected);
    expect(oracle.ended).toEqual([]);
  });

  it('a wrong password is INVALID_CREDENTIALS, once', async () => {
    const oracle = await start();
    const requests: string[] = [];
    const watched = watch(oracle, requests);
    const alice = authOf(watched, { users: { credentials: () => ({ password: 'wrong' }) } }).user('alice');
    for (let call = 0; call < 5; call++) await expect(alice.get()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(requests).toHaveLength(1);
  });

  it('logout ends the session there, and a client token is given back', async () => {
    const oracle = await start();
    const auth = authOf(oracle);
    const alice = auth.user('alice');
    const token = await alice.get();
    const { refreshToken } = alice.session() ?? {};
    expect(await oracle.knows(refreshToken)).toBe(true);
    await alice.logout();
    expect([await oracle.knows(token), await oracle.knows(refreshToken)]).toEqual([false, false]);
    const own = await auth.client.get();
    await auth.client.revoke();
    expect(await oracle.knows(own)).toBe(false);
    expect(await auth.client.get()).not.toBe(own);
  });

  it('a client gets a token without a refresh token, and a new one at each request', async () => {
    const oracle = await start();
    const { client } = authOf(oracle);
    const token = await client.get();
    expect(client.status()).toMatchObject({ state: 'fresh', refreshable: false });
    expect(await client.get({ force: true })).not.toBe(token);
    expect(oracle.granted).toEqual(['client_credentials', 'client_credentials']);
  });
});
