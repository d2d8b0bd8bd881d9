import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { createTestClock } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { deleteUser, FlowError } from '../src/flows.js';
import { AuthError, createFinapi, FinapiError } from '../src/index.js';
import { webForm } from '../src/web-form.js';
import {
  aliceOn,
  broken,
  empty,
  failure,
  failureOf,
  fake,
  finapiOn,
  json,
  played,
  rejectionOf,
  type Sent,
  secondsOf,
  type Table,
} from './support.js';

const deletion = 'DELETE /api/v2/users';
const status = 'GET /api/v2/users/verificationStatus';
const unverified = 'DELETE /api/v2/users/alice';
const revocation = 'POST /api/v2/oauth/revoke';
const login = 'POST /api/v2/oauth/token';
const gone = failure(404, 'UNKNOWN_ENTITY');

/** The client gets its token, the user what is given here. */
const loginsOf = (...answers: (object | Response)[]): Table => {
  let at = 0;
  return {
    [login]: ({ body }: Sent) =>
      body.grant_type === 'client_credentials'
        ? { access_token: 'token-of-household', token_type: 'bearer', expires_in: 3600 }
        : (answers[Math.min(at++, answers.length - 1)] as object),
  };
};
const token = { access_token: 'token-of-alice', refresh_token: 'refresh-of-alice', token_type: 'bearer', expires_in: 3600 };

describe('deleting a user', () => {
  it('deletes with the token of the user, then wipes and gives back what there is', async () => {
    const clock = createTestClock();
    const store = memoryStore({ clock });
    const server = fake({ [deletion]: () => empty() }, clock);
    const finapi = finapiOn(server, { store });
    const alice = finapi.user('alice', { password: 'a-long-password' });
    await deleteUser(finapi, alice, { clock });
    expect(server.calls(deletion).map(({ bearer }) => bearer)).toEqual(['token-of-alice']);
    expect(server.calls(revocation).map(({ body }) => body.token)).toEqual(['refresh-of-alice', 'token-of-alice']);
    expect(alice.tokens.status().state).toBe('closed');
    // Another process finds nothing to go on with either.
    const elsewhere = finapiOn(server, { store }).user('alice');
    expect((await failureOf(elsewhere.access.accounts.getAndSearchAllAccounts(), AuthError)).code).toBe('SESSION_EXPIRED');
  });

  it('waits while data is being downloaded', async () => {
    const server = fake({ [deletion]: [failure(423, 'LOCKED'), failure(423, 'LOCKED'), empty()] });
    const told: unknown[] = [];
    await played(
      server.clock,
      deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock, onProgress: ({ cause }) => told.push(cause) }),
    );
    expect(secondsOf(server, deletion)).toEqual([0, 3, 6]);
    expect(told).toMatchObject([{ code: 'LOCKED' }, { code: 'LOCKED' }]);
  });

  it('takes it for done where the answer was lost and the user is no longer known', async () => {
    const server = fake({
      ...loginsOf(token, failure(400)),
      [deletion]: [broken(), json(401, { error: 'invalid_token' })],
      [status]: gone,
    });
    await played(server.clock, deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock }));
    expect(server.calls(deletion)).toHaveLength(2);
    expect(server.calls(status).map(({ query, bearer }) => [query.get('userId'), bearer])).toEqual([['alice', 'token-of-household']]);
  });

  it.each([401, 404, 500])('is done also where giving tokens back is answered with %d', async (code) => {
    const server = fake({ [deletion]: () => empty(), [revocation]: failure(code) });
    await played(server.clock, deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock }));
    expect(server.calls(deletion)).toHaveLength(1);
  });

  it('fails where the store cannot be wiped, since it holds the tokens still', async () => {
    const server = fake({ [deletion]: () => empty() });
    const store = {
      get: async () => ({ value: undefined, version: null, now: Date.now() }),
      set: async () => '1',
      delete: async () => false,
    };
    const finapi = finapiOn(server, { store });
    const alice = finapi.user('alice', { password: 'a-long-password' });
    await alice.tokens.get();
    store.get = () => Promise.reject(new Error('the store is down'));
    store.set = () => Promise.reject(new Error('the store is down'));
    store.delete = () => Promise.reject(new Error('the store is down'));
    expect((await failureOf(played(server.clock, deleteUser(finapi, alice, { clock: server.clock })), AuthError)).code).toBe('STORE');
  });

  it.each([
    ['whose login says so', failure(403)],
    ['of whom nothing but the id is known', undefined],
  ])('deletes one who is not verified with the token of the client: %s', async (_, answer) => {
    const server = fake({
      ...loginsOf(answer ?? token),
      [status]: { userId: 'alice', isUserVerified: false },
      [unverified]: () => empty(),
    });
    const finapi = finapiOn(server);
    await deleteUser(finapi, answer === undefined ? finapi.user('alice') : finapi.user('alice', { password: 'a-long-password' }), {
      clock: server.clock,
    });
    expect(server.calls(unverified).map(({ bearer }) => bearer)).toEqual(['token-of-household']);
    expect(server.calls(deletion)).toEqual([]);
  });

  it('says that a user is locked, and what to do', async () => {
    const server = fake(loginsOf(failure(423, 'LOCKED')));
    const error = await failureOf(deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock }), FlowError);
    expect(error.code).toBe('USER_LOCKED');
    expect(error.message).toMatch(/change the password first/);
    expect(server.calls(login)).toHaveLength(1);
  });

  it('says that a user is unknown, and wipes the tokens all the same', async () => {
    const server = fake({ ...loginsOf(failure(400)), [status]: gone });
    const alice = aliceOn(server);
    expect((await failureOf(deleteUser(finapiOn(server), alice, { clock: server.clock }), FlowError)).code).toBe('USER_UNKNOWN');
    expect(alice.tokens.status().state).toBe('closed');
  });

  it('says that a password is wrong where the user is there', async () => {
    const server = fake({ ...loginsOf(failure(400)), [status]: { userId: 'alice', isUserVerified: true } });
    expect((await failureOf(deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock }), AuthError)).code).toBe(
      'INVALID_CREDENTIALS',
    );
    expect(server.calls(login).filter(({ body }) => body.grant_type === 'password')).toHaveLength(1);
  });

  it('ends with the reason of the caller', async () => {
    const server = fake({ [deletion]: failure(423, 'LOCKED') });
    const controller = new AbortController();
    const flow = deleteUser(finapiOn(server), aliceOn(server), { clock: server.clock, signal: controller.signal });
    await server.clock.advance(1000);
    controller.abort('enough');
    expect(await rejectionOf(flow)).toBe('enough');
  });

  it('needs Access among the APIs', async () => {
    const finapi = createFinapi({ environment: 'sandbox', clientId: 'household', clientSecret: 'secret', apis: { webForm } });
    const widened: Parameters<typeof deleteUser>[0] = {};
    expect((await failureOf(deleteUser(widened, finapi.user('alice') as never), FinapiError)).code).toBe('INVALID_ARGUMENT');
  });
});
