// When finAPI is asked, how often, and what is left alone: echoes, stampedes, late 401s, failures and their pauses.
import { clientTokens, createAuth, type UserTokenSource } from '@finapi-ts/auth-helpers';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { createTestClock, type Fault } from '@finapi-ts/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rotation } from '../src/hostile/refresh.ts';
import { hostile } from '../src/hostile/server.ts';
import { client, deferred, failureOf, json, outcomes, reasonOf, scripted, silence, tokens } from '../src/scripted.ts';
import { hours, minutes, password, seconds, secret, stage } from '../src/stage.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const times = <T>(count: number, run: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => run(index));

/** Grants in the order in which they were asked for. */
const grants = (sent: readonly { readonly form: Readonly<Record<string, string>> }[]): (string | undefined)[] =>
  sent.map(({ form }) => form['grant_type']);

describe('a wrong password', () => {
  const wrong = { pool: { credentials: () => ({ password: 'wrong' }) } };

  it('16 is sent once for 20 calls, one after another', async () => {
    const { auth, asked, sandbox, clock } = stage(wrong);
    const codes: string[] = [];
    for (let call = 0; call < 20; call++) {
      codes.push((await failureOf(auth.user('alice').get())).code);
      await clock.advance(minutes(10));
    }
    expect(new Set(codes)).toEqual(new Set(['INVALID_CREDENTIALS']));
    expect(asked('password')).toBe(1);
    expect(sandbox.users.get('Alice').locked).toBe(false);
  });

  it('16 is sent once for 20 calls at once, and through the client', async () => {
    const { auth, asked, finapi } = stage(wrong);
    const alice = finapi.as(auth.user('alice'));
    expect(new Set(await outcomes(times(20, () => alice.accounts.getAccount({ id: 1 }))))).toEqual(new Set(['INVALID_CREDENTIALS']));
    expect(await outcomes(times(20, () => auth.user('ALICE').get()))).toEqual(times(20, () => 'INVALID_CREDENTIALS'));
    expect(asked('password')).toBe(1);
  });

  it('16 that was changed is sent again, once', async () => {
    let current = 'wrong';
    const { auth, asked } = stage({ pool: { credentials: () => ({ password: current }) } });
    await reasonOf(auth.user('alice').get());
    current = 'wrong as well';
    for (let call = 0; call < 3; call++) await reasonOf(auth.user('alice').get());
    expect(asked('password')).toBe(2);
    current = password;
    await auth.user('alice').get();
    expect(asked('password')).toBe(3);
  });

  it('16 is sent once, also where two wrong ones take turns', async () => {
    let turn = 0;
    const { auth, asked } = stage({ pool: { credentials: () => ({ password: ['wrong', 'wrong as well'][turn++ % 2] ?? '' }) } });
    for (let call = 0; call < 20; call++) expect((await failureOf(auth.user('alice').get())).code).toBe('INVALID_CREDENTIALS');
    expect(asked('password')).toBe(2);
  });

  it('16 of one user says nothing of another with the same', async () => {
    const { auth, asked } = stage(wrong);
    await reasonOf(auth.user('alice').get());
    await reasonOf(auth.user('bob').get());
    expect(asked('password')).toBe(2);
  });

  it('16 is not sent again after 423: only another password is', async () => {
    let current = password;
    const { auth, asked, sandbox } = stage({ pool: { credentials: () => ({ password: current }) } });
    sandbox.users.lock('Alice');
    for (let call = 0; call < 5; call++) expect((await failureOf(auth.user('alice').get())).code).toBe('USER_LOCKED');
    expect(asked('password')).toBe(1);
    sandbox.users.setPassword('Alice', 'another');
    current = 'another';
    await auth.user('alice').get();
    expect(asked('password')).toBe(2);
  });
});

describe('a refresh that fails', () => {
  const faults: Readonly<Record<string, { readonly fault: Omit<Fault, 'grant'>; readonly code: string; readonly waitMs?: number }>> = {
    503: { fault: { status: 503 }, code: 'UNAVAILABLE' },
    500: { fault: { status: 500 }, code: 'UNAVAILABLE' },
    '502 in HTML': { fault: { status: 502, html: true }, code: 'UNAVAILABLE' },
    429: { fault: { status: 429 }, code: 'RATE_LIMITED' },
    403: { fault: { status: 403 }, code: 'USER_UNVERIFIED' },
    401: { fault: { status: 401 }, code: 'INVALID_CLIENT' },
    404: { fault: { status: 404 }, code: 'PROTOCOL' },
    '200 in HTML': { fault: { status: 200, html: true }, code: 'PROTOCOL' },
    'a reset': { fault: { reset: true }, code: 'NETWORK' },
    'a reset after it was handled': { fault: { reset: true, afterHandling: true }, code: 'NETWORK' },
    'a time-out': { fault: { latencyMs: 60_000 }, code: 'TIMEOUT', waitMs: 10_000 },
  };

  it.each(Object.entries(faults))(
    '17 with %s leads to no password grant, and the refresh token is kept',
    async (_, { fault, code, waitMs }) => {
      const { auth, clock, sandbox, asked, read } = stage();
      const alice = auth.user('alice');
      await alice.get();
      const refreshToken = alice.session()?.refreshToken;
      await clock.advance(hours(2));
      sandbox.faults.add({ ...fault, grant: 'refresh_token' });
      const failure = failureOf(alice.get());
      if (waitMs !== undefined) await clock.advance(waitMs);
      expect((await failure).code).toBe(code);
      expect(alice.session()?.refreshToken).toBe(refreshToken);
      await clock.advance(minutes(1));
      expect(sandbox.tokens.isValid(await alice.get())).toBe(true);
      expect({ password: asked('password'), refresh: asked('refresh_token'), read }).toEqual({ password: 1, refresh: 2, read });
    },
  );

  it.each(Object.entries(faults))('17 with %s costs nobody the token that is still good', async (_, { fault, waitMs }) => {
    const { auth, clock, sandbox, asked } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    await clock.advance(minutes(59) + seconds(30));
    sandbox.faults.add({ ...fault, grant: 'refresh_token', times: Number.POSITIVE_INFINITY });
    for (let call = 0; call < 5; call++) {
      expect(await alice.get()).toBe(token);
      await clock.advance(waitMs === undefined ? seconds(1) : 2000);
    }
    expect(asked('refresh_token')).toBeGreaterThanOrEqual(1);
    expect(asked('password')).toBe(1);
  });

  it('17 for good, with 400, leads to one password grant', async () => {
    const { auth, clock, sandbox, asked } = stage();
    const alice = auth.user('alice');
    await alice.get();
    sandbox.tokens.void(alice.session()?.refreshToken ?? '');
    await clock.advance(hours(2));
    await Promise.all(times(20, () => alice.get()));
    expect([asked('refresh_token'), asked('password')]).toEqual([1, 2]);
  });

  it('17 for good ends the session where there is no password', async () => {
    const { fetch, sent } = scripted(json(400, { error: 'invalid_grant' }));
    const alice = createAuth({ ...client, fetch }).user('alice', { session: { refreshToken: 'r' } });
    expect(await outcomes(times(5, () => alice.get()))).toEqual(times(5, () => 'SESSION_EXPIRED'));
    expect((await failureOf(alice.get())).code).toBe('SESSION_EXPIRED');
    expect(grants(sent)).toEqual(['refresh_token']);
    expect(alice.status().refreshable).toBe(false);
  });

  it('17 with 423 leads to no password grant, and what the user has for one is not tried', async () => {
    const { fetch, sent } = scripted(json(423, ''));
    const alice = createAuth({ ...client, fetch, users: { credentials: () => ({ password: 'p' }) } }).user('alice', {
      session: { refreshToken: 'r' },
    });
    for (let call = 0; call < 5; call++) expect((await failureOf(alice.get())).code).toBe('USER_LOCKED');
    expect(grants(sent)).toEqual(['refresh_token']);
  });
});

describe('rotating refresh tokens', () => {
  it('are never used twice, whoever asks, at a server that takes that as a theft', async () => {
    const server = rotation({ lifeS: 60 });
    await using origin = await hostile(server.behaviour);
    const clock = createTestClock();
    const auth = createAuth({ ...client, baseUrl: origin.url, clock, users: { credentials: () => ({ password: 'p' }) } });
    for (let round = 0; round < 10; round++) {
      await Promise.all(times(20, (index) => auth.user('alice').get(index % 3 === 0 ? { force: true } : {})));
      await clock.advance(seconds(59));
    }
    expect(new Set(server.used).size).toBe(server.used.length);
    expect({ stolen: server.stolen, passwords: server.passwords }).toEqual({ stolen: false, passwords: 1 });
    expect(server.used.length).toBeGreaterThanOrEqual(9);
  });
});

describe('a late 401', () => {
  it.each([
    ['all at once', 50],
    ['some after the new token has come', 10],
  ])('26 on 50 calls in flight costs one token request, and all succeed: %s', async (_, together) => {
    const gate = deferred();
    let inFlight = 0;
    let answered = 0;
    const all = deferred();
    const late = deferred();
    const { auth, sandbox, asked, finapi } = stage();
    const alice = auth.user('alice');
    const first = await alice.get();
    const before = asked();
    const gated = createAccessV1({
      baseUrl: sandbox.baseUrl,
      auth,
      retry: false,
      fetch: async (url, init) => {
        if (new Headers(init.headers).get('authorization') !== `Bearer ${first}`) return sandbox.fetch(url, init);
        inFlight += 1;
        if (inFlight === 50) all.resolve();
        await gate.promise;
        const answer = await sandbox.fetch(url, init);
        answered += 1;
        if (answered > together) await late.promise;
        return answer;
      },
    });
    const calls = times(50, (index) => gated.as(alice).accounts.getAccount({ id: index + 1 }));
    await all.promise;
    sandbox.tokens.void(first);
    gate.resolve();
    await Promise.any(calls);
    late.resolve();
    expect(await outcomes(calls)).toEqual(times(50, () => 'ok'));
    expect(asked() - before).toBe(1);
    expect(await finapi.as(alice).users.getAuthorizedUser()).toMatchObject({ id: 'Alice' });
  });

  it('26 on calls of the client itself costs one token request', async () => {
    const { auth, sandbox, asked, finapi } = stage();
    sandbox.tokens.void(await auth.client.get());
    expect(await outcomes(times(50, () => finapi.banks.getBank({ id: 1 })))).toEqual(times(50, () => 'ok'));
    expect(asked()).toBe(2);
  });

  it('26 of a token that is no longer the current one drops nothing', async () => {
    const { auth, clock, asked, events } = stage();
    const old = await auth.user('alice').get();
    await clock.advance(hours(1));
    const current = await auth.user('alice').get();
    auth.user('alice').reject(old);
    auth.user('alice').reject('never heard of');
    expect(auth.user('alice').peek()).toBe(current);
    expect(events.filter(({ type }) => type === 'rejected')).toEqual([]);
    expect(asked()).toBe(2);
  });

  it('26 while a renewal brings the very token that it is about: it is asked for again', async () => {
    const answers = [deferred<Response>(), deferred<Response>()];
    let at = 0;
    const { fetch, sent } = scripted(tokens({ access_token: 'old' }), () => answers[at++]?.promise ?? tokens());
    const source = clientTokens({ ...client, fetch });
    await source.get();
    const renewed = source.get({ force: true });
    await vi.waitUntil(() => at === 1);
    source.reject('old');
    answers[0]?.resolve(tokens({ access_token: 'old' }));
    await vi.waitUntil(() => at === 2);
    answers[1]?.resolve(tokens({ access_token: 'new' }));
    expect(await renewed).toBe('new');
    expect(sent).toHaveLength(3);
  });

  it('403 never renews', async () => {
    const { auth, sandbox, finapi, asked } = stage();
    sandbox.setAnswer('getAccount', { status: 403, body: {} });
    expect(await finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 }).answer()).toMatchObject({ status: 403 });
    expect(asked()).toBe(1);
    expect(auth.user('alice').status().state).toBe('fresh');
  });
});

describe('a token that finAPI refuses and gives again', () => {
  it('costs a bounded number of requests, and the 401 comes out', async () => {
    const { auth, sandbox, finapi, asked, clock } = stage();
    sandbox.setAnswer('getBank', { status: 401, body: { error: 'invalid_token' } });
    for (let call = 0; call < 50; call++) {
      expect(await finapi.banks.getBank({ id: 1 }).answer()).toMatchObject({ status: 401 });
      await clock.advance(10);
    }
    // The first token, the same once more, and that is it for a second.
    expect(asked()).toBe(2);
    expect(sandbox.log.filter(({ operationId }) => operationId === 'getBank')).toHaveLength(50);
    expect(auth.client.peek()).toBeDefined();
  });

  it('is asked for again ever more rarely', async () => {
    const { sandbox, finapi, asked, clock } = stage();
    sandbox.setAnswer('getBank', { status: 401, body: { error: 'invalid_token' } });
    for (let second = 0; second < 600; second++) {
      await finapi.banks.getBank({ id: 1 }).answer();
      await clock.advance(seconds(1));
    }
    // Pauses of 1, 2, 4 … 60 seconds, then every minute.
    expect(asked()).toBeGreaterThan(5);
    expect(asked()).toBeLessThanOrEqual(18);
  });

  it('gives way to a new one as soon as there is one', async () => {
    const { sandbox, finapi, asked, clock, auth } = stage();
    sandbox.setAnswer('getBank', { status: 401, body: { error: 'invalid_token' } });
    await finapi.banks.getBank({ id: 1 }).answer();
    sandbox.setAnswer('getBank', undefined);
    sandbox.tokens.void(await auth.client.get());
    await clock.advance(seconds(1));
    await finapi.banks.getBank({ id: 1 });
    expect(asked()).toBe(3);
  });
});

describe('a stampede', () => {
  it('27 of 1,000 cold calls is one token request', async () => {
    const { auth, asked } = stage();
    const all = await Promise.all(times(1000, () => auth.client.get()));
    expect(new Set(all).size).toBe(1);
    expect(asked()).toBe(1);
  });

  it('27 of 1,000 cold calls of a user, through as many sources and the client, is one token request', async () => {
    const { auth, asked, finapi, read } = stage();
    await Promise.all([
      ...times(500, (index) => auth.user(index % 2 === 0 ? 'alice' : 'ALICE').get()),
      ...times(500, () => finapi.as(auth.user('Alice')).users.getAuthorizedUser()),
    ]);
    expect(asked()).toBe(1);
    expect(read).toBe(0);
  });

  it('27 of calls on an expired token is one token request as well', async () => {
    const { auth, asked, clock } = stage();
    await auth.client.get();
    await clock.advance(hours(1));
    await Promise.all(times(1000, () => auth.client.get()));
    expect(asked()).toBe(2);
  });

  it('27 that fails is one request, and one failure for all', async () => {
    const { auth, asked, sandbox } = stage();
    sandbox.faults.add({ status: 503, times: Number.POSITIVE_INFINITY });
    expect(await outcomes(times(1000, () => auth.client.get()))).toEqual(times(1000, () => 'UNAVAILABLE'));
    expect(asked()).toBe(1);
  });
});

describe('an echo', () => {
  it.each([45, 10, 6])('28 %d seconds before the end of a life costs at most 2 token requests in 5 seconds of calls', async (leftS) => {
    const { auth, asked, clock } = stage();
    const token = await auth.client.get();
    await clock.advance(hours(1) - seconds(leftS));
    for (let call = 0; call < 500; call++) {
      expect(await auth.client.get()).toBe(token);
      await clock.advance(10);
    }
    expect(asked() - 1).toBeGreaterThanOrEqual(1);
    expect(asked() - 1).toBeLessThanOrEqual(2);
  });

  it('28 is used to its end, and then a new token is waited for', async () => {
    const { auth, asked, clock, sandbox, events } = stage();
    const token = await auth.client.get();
    await clock.advance(hours(1) - seconds(45));
    for (let call = 0; call < 600; call++) {
      expect(sandbox.tokens.isValid(await auth.client.get())).toBe(true);
      await clock.advance(100);
    }
    expect(await auth.client.get()).not.toBe(token);
    expect(asked()).toBeLessThanOrEqual(4);
    expect(events.filter(({ type }) => type === 'echo').length).toBeGreaterThanOrEqual(1);
  });

  it('28 of many forced renewals is the same token, and peek goes on giving it', async () => {
    const { auth } = stage();
    const token = await auth.client.get();
    expect(await auth.client.get({ force: true })).toBe(token);
    expect(auth.client.peek()).toBe(token);
    expect(auth.client.status().state).toBe('fresh');
  });

  it('28 that says zero is about to end, and not for ever', async () => {
    const clock = createTestClock();
    const { fetch, sent } = scripted(tokens({ expires_in: 60 }), tokens({ expires_in: 0 }), tokens({ access_token: 'access-2' }));
    const source = clientTokens({ ...client, fetch, clock });
    await source.get();
    await clock.advance(seconds(59) + 500);
    expect(await source.get()).toBe('access-1');
    await clock.advance(0);
    expect(source.status().expiresAt).not.toBe(Number.POSITIVE_INFINITY);
    await clock.advance(seconds(1));
    expect(await source.get()).toBe('access-2');
    expect(sent).toHaveLength(3);
  });
});

describe('Retry-After', () => {
  it.each([429, 503])('29 of 60 seconds with %d is one request for 10 calls', async (status) => {
    const { auth, asked, clock, sandbox } = stage();
    sandbox.faults.add({ status, retryAfterS: 60 });
    for (let call = 0; call < 10; call++) {
      const error = await failureOf(auth.client.get());
      expect(error).toMatchObject({ code: status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE', status, retryable: true });
      expect(error.retryAfterMs).toBe(60_000 - call * 1000);
      await clock.advance(seconds(1));
    }
    expect(asked()).toBe(1);
    await clock.advance(seconds(50) - 1);
    await reasonOf(auth.client.get());
    expect(asked()).toBe(1);
    await clock.advance(1);
    await auth.client.get();
    expect(asked()).toBe(2);
  });

  it('29 may be a date', async () => {
    const clock = createTestClock();
    const { fetch, sent } = scripted(() => json(503, '', { 'retry-after': new Date(clock.now() + seconds(30)).toUTCString() }));
    const source = clientTokens({ ...client, fetch, clock });
    expect((await failureOf(source.get())).retryAfterMs).toBe(30_000);
    await clock.advance(seconds(29));
    await reasonOf(source.get());
    expect(sent).toHaveLength(1);
    await clock.advance(seconds(1));
    await reasonOf(source.get());
    expect(sent).toHaveLength(2);
  });

  it.each(['86400', '9'.repeat(30), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    '29 is believed for five minutes, even where it is %s',
    async (value) => {
      const clock = createTestClock();
      const { fetch, sent } = scripted(json(503, '', { 'retry-after': value }), tokens());
      const source = clientTokens({ ...client, fetch, clock });
      await reasonOf(source.get());
      await clock.advance(minutes(5) - 1);
      await reasonOf(source.get());
      expect(sent).toHaveLength(1);
      await clock.advance(1);
      await source.get();
      expect(sent).toHaveLength(2);
    },
  );

  it.each(['soon', '', '-5', '1.5'])('29 that is %j is not believed', async (value) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const clock = createTestClock();
    const { fetch } = scripted(json(503, '', { 'retry-after': value }), tokens());
    const source = clientTokens({ ...client, fetch, clock });
    await reasonOf(source.get());
    // Half of the first bound, as without one. A past date, as `-5` can be read, asks for no pause at all.
    await clock.advance(500);
    await source.get();
  });
});

describe('a pause after failures', () => {
  it('doubles from one to the next, up to a minute, and ends with a success', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { auth, clock, sandbox, asked } = stage();
    const fault = sandbox.faults.add({ status: 503, times: Number.POSITIVE_INFINITY });
    for (const pauseMs of [1, 2, 4, 8, 16, 32, 60, 60].map(seconds)) {
      const before = asked();
      await reasonOf(auth.client.get());
      expect(asked()).toBe(before + 1);
      await clock.advance(pauseMs - 1);
      await reasonOf(auth.client.get());
      expect(asked()).toBe(before + 1);
      await clock.advance(1);
    }
    fault.remove();
    await auth.client.get();
    sandbox.faults.add({ status: 503 });
    await reasonOf(auth.client.get({ force: true }));
    await clock.advance(seconds(1));
    await auth.client.get({ force: true });
    expect(auth.client.status().failure).toBeUndefined();
  });

  it('is told by status, and by the error that a call gets meanwhile', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { auth, clock, sandbox } = stage();
    sandbox.faults.add({ reset: true });
    await reasonOf(auth.client.get());
    await clock.advance(400);
    const error = await failureOf(auth.client.get());
    expect(error).toMatchObject({ code: 'NETWORK', grant: 'client_credentials', retryable: true, retryAfterMs: 600 });
    expect(auth.client.status()).toMatchObject({ state: 'none', failure: { code: 'NETWORK', retryAfterMs: 600 } });
  });

  it('is a random part of its bound: none at all where chance says so', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { auth, asked, sandbox } = stage();
    sandbox.faults.add({ status: 503 });
    await reasonOf(auth.client.get());
    await auth.client.get();
    expect(asked()).toBe(2);
  });
});

describe('renewal in the background', () => {
  it('hands out the current token, and nobody waits', async () => {
    const { auth, clock, asked, sandbox } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    await clock.advance(minutes(59) + seconds(30));
    const held = deferred<undefined>();
    sandbox.setAnswer('getToken', async () => {
      await held.promise;
      return { body: { access_token: 'renewed', token_type: 'bearer', expires_in: 3600 } };
    });
    expect(alice.status().state).toBe('stale');
    expect(await Promise.all(times(20, () => alice.get()))).toEqual(times(20, () => token));
    expect(alice.status().renewing).toBe(true);
    held.resolve(undefined);
    await clock.advance(0);
    expect(await alice.get()).toBe('renewed');
    expect(asked()).toBe(2);
  });

  it('begins a minute before the end or a fifth later, as chance has it', async () => {
    for (const [random, windowS] of [
      [0, 60],
      [1, 48],
    ] as const) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { auth, clock, asked } = stage();
      await auth.client.get();
      await clock.advance(hours(1) - seconds(windowS) - 1);
      await auth.client.get();
      expect(asked()).toBe(1);
      await clock.advance(1);
      await auth.client.get();
      await clock.advance(0);
      expect(asked()).toBe(2);
    }
  });

  it('begins at half of the life of a short token', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { auth, clock, asked } = stage({ client: { userTokenLifeS: 60 } });
    const alice = auth.user('alice');
    await alice.get();
    await clock.advance(seconds(30) - 1);
    await alice.get();
    expect(asked()).toBe(1);
    await clock.advance(1);
    await alice.get();
    await clock.advance(0);
    expect(asked()).toBe(2);
  });

  it('does not happen by itself', async () => {
    const { auth, clock, asked } = stage();
    await auth.client.get();
    await clock.advance(hours(48));
    expect(asked()).toBe(1);
    expect(clock.timers).toBe(0);
  });
});

describe('a caller that leaves', () => {
  it('gets its own reason, and nobody else notices', async () => {
    const answer = deferred<Response>();
    const { fetch, sent } = scripted(() => answer.promise);
    const source = clientTokens({ ...client, fetch });
    const [one, two] = [new AbortController(), new AbortController()];
    const asked = [source.get({ signal: one.signal }), source.get({ signal: two.signal }), source.get()];
    const reason = { my: 'reason' };
    const left = reasonOf(asked[0] ?? Promise.resolve());
    one.abort(reason);
    expect(await left).toBe(reason);
    answer.resolve(tokens());
    expect(await Promise.all(asked.slice(1))).toEqual(['access-1', 'access-1']);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.signal.aborted).toBe(false);
  });

  it('leaves a renewal that goes on, also where it was the only one', async () => {
    const answer = deferred<Response>();
    const { fetch, sent } = scripted(() => answer.promise);
    const source = clientTokens({ ...client, fetch });
    const controller = new AbortController();
    const left = reasonOf(source.get({ signal: controller.signal }));
    controller.abort('gone');
    expect(await left).toBe('gone');
    answer.resolve(tokens());
    expect(await source.get()).toBe('access-1');
    expect(sent).toHaveLength(1);
  });

  it('before it asks gets its reason as well, and sends nothing', async () => {
    const { fetch, sent } = scripted();
    const auth = createAuth({ ...client, fetch });
    const reason = new Error('never mind');
    const signal = AbortSignal.abort(reason);
    expect(await reasonOf(auth.client.get({ signal }))).toBe(reason);
    expect(await reasonOf(auth.user('alice', { session: { refreshToken: 'r' } }).get({ signal }))).toBe(reason);
    await auth.client.get();
    expect(await reasonOf(auth.client.get({ signal }))).toBe(reason);
    expect(sent).toHaveLength(1);
  });

  it('of the client gets it through a call', async () => {
    const { fetch } = scripted(silence);
    const auth = createAuth({ ...client, fetch });
    const finapi = createAccessV1({ baseUrl: client.baseUrl, auth, fetch });
    const controller = new AbortController();
    const left = reasonOf(finapi.banks.getBank({ id: 1 }, { signal: controller.signal }));
    const reason = new Error('no longer needed');
    controller.abort(reason);
    expect(await left).toBe(reason);
  });
});

describe('what a caller can ask for', () => {
  const shortLived = (): UserTokenSource => stage({ client: { userTokenLifeS: 60 } }).auth.user('alice');

  it('is a token that lives for so long: one that does is handed out, one that does not is renewed', async () => {
    const { auth, clock, asked } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    await clock.advance(minutes(40));
    expect(await alice.get({ minValidityMs: minutes(20) - 1 })).toBe(token);
    expect(asked()).toBe(1);
    expect(await alice.get({ minValidityMs: minutes(20) + 1 })).not.toBe(token);
    expect(asked()).toBe(2);
  });

  it('is refused with SHORT_LIVED where finAPI gives none that lives for so long', async () => {
    expect(await failureOf(shortLived().get({ minValidityMs: minutes(20) }))).toMatchObject({ code: 'SHORT_LIVED', retryAfterMs: 60_000 });
  });

  it('is not asked for again where finAPI gives the same token until it ends', async () => {
    const { auth, asked, clock } = stage();
    await auth.client.get();
    await clock.advance(minutes(50));
    for (let call = 0; call < 10; call++)
      expect(await failureOf(auth.client.get({ minValidityMs: minutes(20) }))).toMatchObject({
        code: 'SHORT_LIVED',
        retryable: true,
        retryAfterMs: minutes(10),
      });
    expect(asked()).toBe(2);
    await clock.advance(minutes(10));
    await auth.client.get({ minValidityMs: minutes(20) });
    expect(asked()).toBe(3);
  });

  it('is another token, by force, from one request for all who force at once', async () => {
    const { auth, asked } = stage();
    const alice = auth.user('alice');
    const token = await alice.get();
    const forced = await Promise.all(times(10, () => alice.get({ force: true })));
    expect(new Set(forced).size).toBe(1);
    expect(forced[0]).not.toBe(token);
    expect(asked()).toBe(2);
  });
});

describe('a secret that is read from a function', () => {
  it('is read for each request, so that a rotated one is found', async () => {
    let current = secret;
    const { auth, sandbox, asked } = stage({ auth: { clientSecret: () => current } });
    await auth.client.get();
    sandbox.clients.setSecret('household', 'rotated');
    current = 'rotated';
    await auth.client.get({ force: true });
    expect(asked()).toBe(2);
  });

  it('is read again where it was rotated while the request was on its way', async () => {
    const reads = ['old', 'new'];
    const { fetch, sent } = scripted(json(401, { error: 'invalid_client' }), tokens());
    const source = clientTokens({ ...client, fetch, clientSecret: async () => reads.shift() ?? 'new' });
    await source.get();
    expect(sent.map(({ form }) => form['client_secret'])).toEqual(['old', 'new']);
  });

  it('that is refused and stays the same is sent once', async () => {
    const { fetch, sent } = scripted(json(401, { error: 'invalid_client' }));
    const source = clientTokens({ ...client, fetch, clientSecret: () => 'wrong' });
    expect((await failureOf(source.get())).code).toBe('INVALID_CLIENT');
    expect(sent).toHaveLength(1);
  });

  it('fails with whatever the function fails with, and without a request', async () => {
    const broken = new Error('the vault is closed');
    const { fetch, sent } = scripted();
    expect(await reasonOf(clientTokens({ ...client, fetch, clientSecret: () => Promise.reject(broken) }).get())).toBe(broken);
    expect(sent).toEqual([]);
  });
});
