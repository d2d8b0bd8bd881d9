// Sessions: resumed, given back, logged out of.
import { accessV2, createAuth } from '@finapi-ts/auth-helpers';
import { createTestClock } from '@finapi-ts/testing';
import { describe, expect, it, vi } from 'vitest';
import { client, deferred, failureOf, json, reasonOf, type Sent, scripted, tokens } from '../src/scripted.ts';
import { hours, minutes, stage } from '../src/stage.ts';

/** What was revoked, in order: token and hint. */
const revoked = (sent: readonly Sent[]): readonly (readonly [string | null, string | null])[] =>
  sent
    .map(({ url }) => new URL(url))
    .filter(({ pathname }) => pathname.endsWith('/revoke'))
    .map(({ searchParams }) => [searchParams.get('token'), searchParams.get('token_type_hint')]);

const session = { accessToken: 'access-token', expiresAt: Number.POSITIVE_INFINITY, refreshToken: 'refresh-token' } as const;
const ok = (): Response => new Response('');
/** Tokens for whoever asks, and `answer` for revocations. */
const server = (answer: (sent: Sent) => Response | Promise<Response> = ok) =>
  scripted((sent) => (sent.url.includes('/revoke') ? answer(sent) : tokens({ access_token: 'client-token' })));

describe('a session from elsewhere', () => {
  it('goes on: its token is used to its end, then its refresh token', async () => {
    const { auth, clock, sandbox, asked } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    const saved = JSON.parse(JSON.stringify(alice.session()));
    expect(saved).toMatchObject({ accessToken: token, expiresAt: clock.now() + hours(1), refreshToken: expect.any(String) });
    const { fetch } = sandbox;
    const elsewhere = createAuth({
      ...client,
      baseUrl: sandbox.baseUrl as typeof client.baseUrl,
      clientSecret: 'household-secret' as 'client-secret',
      fetch,
      clock,
    });
    const resumed = elsewhere.user('alice', { session: saved });
    expect(resumed.peek()).toBe(token);
    await clock.advance(hours(1));
    expect(resumed.peek()).toBeUndefined();
    expect(sandbox.tokens.isValid(await resumed.get())).toBe(true);
    expect([asked('password'), asked('refresh_token')]).toEqual([1, 1]);
  });

  it('is left aside where more is known of the user', async () => {
    const { auth } = stage();
    const token = await auth.user('alice').get();
    expect(auth.user('ALICE', { session }).peek()).toBe(token);
  });

  it('of which the end is not known is not trusted with its access token', async () => {
    const { fetch, sent } = scripted(tokens());
    const alice = createAuth({ ...client, fetch }).user('alice', { session: { accessToken: 'a', refreshToken: 'r' } });
    expect(alice.peek()).toBeUndefined();
    expect(await alice.get()).toBe('access-1');
    expect(sent[0]?.form).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r' });
  });

  it('that has ended is not used', async () => {
    const clock = createTestClock();
    const { fetch } = scripted(tokens());
    const ended = { ...session, expiresAt: clock.now() };
    expect(
      createAuth({ ...client, fetch, clock })
        .user('alice', { session: ended })
        .peek(),
    ).toBeUndefined();
  });

  it('that never ends stays so on its way through JSON, which knows no infinity', () => {
    const saved = JSON.parse(JSON.stringify(session));
    const alice = createAuth({ ...client, ...scripted() }).user('alice', { session: saved });
    expect(alice.peek()).toBe('access-token');
    expect(alice.session()).toEqual(session);
  });

  it('with members of the prototype is one without them', async () => {
    const evil = JSON.parse('{"__proto__":{"accessToken":"evil","expiresAt":1e15,"refreshToken":"evil"}}');
    const alice = createAuth({ ...client, ...scripted() }).user('alice', { session: evil });
    expect([alice.peek(), alice.session()]).toEqual([undefined, undefined]);
  });
});

describe('revocation', () => {
  it.each([
    [
      undefined,
      [
        ['refresh-token', 'refresh_token'],
        ['access-token', 'access_token'],
      ],
      undefined,
    ],
    [
      'all',
      [
        ['refresh-token', 'refresh_token'],
        ['access-token', 'access_token'],
      ],
      undefined,
    ],
    ['access', [['access-token', 'access_token']], 'refresh-token'],
    ['refresh', [['refresh-token', 'refresh_token']], undefined],
  ] as const)('of %s gives back that, the refresh token first, and forgets what is void', async (which, expected, kept) => {
    const { fetch, sent } = server();
    const alice = createAuth({ ...client, fetch }).user('alice', { session });
    await alice.revoke(which === undefined ? {} : { which });
    expect(revoked(sent)).toEqual(expected);
    expect(alice.peek()).toBeUndefined();
    expect(alice.session()?.refreshToken).toBe(kept);
    for (const { headers } of sent.slice(1)) expect(headers['authorization']).toBe('Bearer client-token');
  });

  it('leaves the source in use', async () => {
    const { auth, finapi, sandbox } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    await alice.revoke();
    expect(sandbox.tokens.isValid(token)).toBe(false);
    expect(await finapi.as(alice).users.getAuthorizedUser()).toMatchObject({ id: 'Alice' });
  });

  it('of the access token alone is followed by a refresh', async () => {
    const { auth, asked } = stage();
    const alice = auth.user('alice');
    await alice.get();
    await alice.revoke({ which: 'access' });
    await alice.get();
    expect([asked('password'), asked('refresh_token')]).toEqual([1, 1]);
  });

  it('of nothing sends nothing', async () => {
    const { fetch, sent } = server();
    await createAuth({ ...client, fetch })
      .user('alice')
      .revoke();
    await createAuth({ ...client, fetch }).client.revoke();
    expect(sent).toEqual([]);
  });

  it("of the client's own token is vouched for by that token", async () => {
    const { auth, sandbox } = stage();
    const token = await auth.client.get();
    await auth.client.revoke();
    expect(sandbox.log.at(-1)).toMatchObject({ operationId: 'revokeToken', identity: 'client', status: 200 });
    expect(sandbox.tokens.isValid(token)).toBe(false);
    expect(await auth.client.get()).not.toBe(token);
  });

  it('that is refused since the voucher is stale is sent again with a new one', async () => {
    const { auth, sandbox } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    sandbox.tokens.void(await auth.client.get());
    await alice.revoke();
    expect(sandbox.tokens.isValid(token)).toBe(false);
  });

  it('that fails says so, after it has tried every token and forgotten them', async () => {
    const { fetch, sent } = server(() => json(503, ''));
    const alice = createAuth({ ...client, fetch }).user('alice', { session });
    expect(await failureOf(alice.revoke())).toMatchObject({ code: 'UNAVAILABLE', grant: 'revoke' });
    expect(revoked(sent)).toHaveLength(2);
    expect(alice.session()).toBeUndefined();
  });

  it('is told, once a token', async () => {
    const { auth, events } = stage();
    await auth.user('alice').get();
    await auth.user('alice').revoke();
    expect(events.filter(({ type }) => type === 'revoked')).toHaveLength(2);
  });

  it('of V2 puts the tokens into the form', async () => {
    const { fetch, sent } = server();
    await createAuth({ ...client, preset: accessV2 as never, fetch })
      .user('alice', { session })
      .revoke();
    expect(sent.slice(1).map(({ url, form }) => [new URL(url).search, form['token']])).toEqual([
      ['', 'refresh-token'],
      ['', 'access-token'],
    ]);
  });
});

describe('logout', () => {
  it('gives the refresh token back first, then the access token, and ends both', async () => {
    const { auth, sandbox } = stage();
    const alice = auth.user('alice');
    await alice.get();
    const { accessToken = '', refreshToken = '' } = alice.session() ?? {};
    await auth.users.logout('ALICE');
    const given = sandbox.log
      .filter(({ operationId }) => operationId === 'revokeToken')
      .map(({ request }) => new URLSearchParams(request.target.split('?')[1]));
    expect(given.map((query) => [query.get('token'), query.get('token_type_hint')])).toEqual([
      [refreshToken, 'refresh_token'],
      [accessToken, 'access_token'],
    ]);
    expect([refreshToken, accessToken].map((token) => sandbox.tokens.isValid(token))).toEqual([false, false]);
    expect(auth.users.size).toBe(0);
  });

  it('wipes what is here, whatever the server says', async () => {
    for (const answer of [(): Response => json(500, ''), (): Promise<Response> => Promise.reject(new TypeError('down'))]) {
      const { fetch } = server(answer);
      const auth = createAuth({ ...client, fetch });
      const alice = auth.user('alice', { session });
      await reasonOf(alice.logout());
      expect([alice.peek(), alice.status().state, alice.status().refreshable, auth.users.size]).toEqual([undefined, 'closed', false, 0]);
      expect((await failureOf(alice.get())).code).toBe('CLOSED');
    }
  });

  it('wipes before anything is answered', async () => {
    const answer = deferred();
    const { fetch } = server(() => answer.promise.then(ok));
    const alice = createAuth({ ...client, fetch }).user('alice', { session });
    const gone = alice.logout();
    expect([alice.peek(), alice.status().state]).toEqual([undefined, 'closed']);
    answer.resolve();
    await gone;
  });

  it('cannot be undone by a renewal under way, whose tokens are given back as well', async () => {
    const renewed = deferred<Response>();
    const { fetch, sent } = scripted((request) => {
      if (request.url.includes('/revoke')) return ok();
      return request.form['grant_type'] === 'refresh_token' ? renewed.promise : tokens({ access_token: 'client-token' });
    });
    const auth = createAuth({ ...client, fetch });
    const alice = auth.user('alice', { session });
    const waiting = failureOf(alice.get({ force: true }));
    await vi.waitUntil(() => sent.length === 1);
    const gone = alice.logout();
    renewed.resolve(tokens({ access_token: 'late-access', refresh_token: 'late-refresh' }));
    await gone;
    expect((await waiting).code).toBe('CLOSED');
    expect(alice.peek()).toBeUndefined();
    expect(revoked(sent).map(([token]) => token)).toEqual(['refresh-token', 'access-token', 'late-refresh', 'late-access']);
    expect(auth.user('alice').status()).toMatchObject({ state: 'none', refreshable: false });
  });

  it('is followed by a new session for whoever takes a new source', async () => {
    const { auth, asked } = stage();
    await auth.user('alice').get();
    await auth.users.logout('alice');
    await auth.user('alice').get();
    expect([asked('password'), asked('refresh_token')]).toEqual([2, 0]);
  });

  it('of somebody who was never here is nothing', async () => {
    const { auth, sandbox } = stage();
    await auth.users.logout('bob');
    expect(sandbox.log).toEqual([]);
    expect(auth.users.size).toBe(0);
  });

  it('of the client itself is vouched for by the token that is given back', async () => {
    const { auth, sandbox } = stage();
    const token = await auth.client.get();
    await auth.client.logout();
    expect(sandbox.tokens.isValid(token)).toBe(false);
    expect((await failureOf(auth.client.get())).code).toBe('CLOSED');
  });

  it('of one user leaves others alone', async () => {
    const { auth, clock } = stage();
    const [, bob] = await Promise.all([auth.user('alice').get(), auth.user('bob').get()]);
    await auth.users.logout('alice');
    await clock.advance(minutes(1));
    expect(auth.user('bob').peek()).toBe(bob);
  });
});
