// Middleware: what it sees, what it can change, and where the bearer goes.
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallEvent, type ClientRequest, FinapiError, type Middleware, observe } from '../src/index.js';
import {
  type Answer,
  at,
  baseUrl,
  clientOf,
  clientToken,
  failureOf,
  json,
  only,
  recorder,
  rejectionOf,
  serve,
  settled,
  silence,
  unhandledDuring,
  userOf,
  userToken,
} from './support.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Keeps what it sees. */
function spy(): { readonly seen: ClientRequest[]; readonly middleware: Middleware } {
  const seen: ClientRequest[] = [];
  return {
    seen,
    middleware: (request, next) => {
      seen.push(request);
      return next(request);
    },
  };
}

describe('middleware', () => {
  it('runs in order, the first outermost', async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (request, next) => {
        order.push(`${name} before`);
        const response = await next(request);
        order.push(`${name} after`);
        return response;
      };
    const calls = recorder(() => {
      order.push('sent');
      return json(200, {});
    });
    await clientOf(calls, { middleware: [named('a'), named('b'), named('c')] }).banks.getBank({ id: 1 });
    expect(order).toEqual(['a before', 'b before', 'c before', 'sent', 'c after', 'b after', 'a after']);
  });

  it('sees the call: operation, method, template, attempt, URL, headers and body', async () => {
    const { seen, middleware } = spy();
    await userOf(recorder(), { middleware: [middleware] }).accounts.editAccount({ id: 7, accountName: 'x' }, { requestId: 'r' });
    const { headers, signal, ...request } = only(seen);
    expect(request).toEqual({
      operationId: 'editAccount',
      method: 'PATCH',
      path: '/api/v1/accounts/{id}',
      attempt: 1,
      url: `${baseUrl}/api/v1/accounts/7`,
      body: '{"accountName":"x"}',
    });
    expect(headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json', 'x-request-id': 'r' });
    expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
    expect(signal).toBeInstanceOf(AbortSignal);
  });

  it('sees the changes of those before it', async () => {
    const { seen, middleware } = spy();
    const tag: Middleware = (request, next) => next({ ...request, headers: { ...request.headers, 'x-tag': 'a' } });
    await clientOf(recorder(), { middleware: [tag, middleware] }).banks.getBank({ id: 1 });
    expect(only(seen).headers['x-tag']).toBe('a');
  });

  it('can change headers, URL, method and body', async () => {
    const calls = recorder();
    const change: Middleware = (request, next) =>
      next({ ...request, method: 'PUT', url: `${request.url}?traced=1`, headers: { 'x-only': '1' }, body: 'changed' });
    await userOf(calls, { middleware: [change] }).accounts.editAccount({ id: 7, accountName: 'x' });
    const { method, url, headers, body } = only(calls.sent);
    expect({ method, url: url.href, body }).toEqual({ method: 'PUT', url: `${baseUrl}/api/v1/accounts/7?traced=1`, body: 'changed' });
    expect(headers).toEqual({ 'x-only': '1', authorization: `Bearer ${userToken.token}` });
  });

  it('can answer in place of finAPI, and nothing is sent', async () => {
    const calls = recorder();
    const cached: Middleware = async () => json(200, { id: 1, name: 'from the cache' });
    expect(await clientOf(calls, { middleware: [cached] }).banks.getBank({ id: 1 })).toEqual({ id: 1, name: 'from the cache' });
    expect(calls.sent).toEqual([]);
  });

  it('can change the answer', async () => {
    const change: Middleware = async (request, next) => {
      const response = await next(request);
      return json(404, { errors: [] }, { 'x-request-id': response.headers.get('x-request-id') ?? '' });
    };
    const error = await failureOf(
      clientOf(recorder(json(200, {}, { 'x-request-id': 'echoed' })), { middleware: [change] }).banks.getBank({ id: 1 }),
      FinapiError,
    );
    expect({ code: error.code, requestId: error.requestId }).toEqual({ code: 'NOT_FOUND', requestId: 'echoed' });
  });

  it('can repeat a call by itself', async () => {
    const calls = recorder(json(500, {}), json(200, { id: 1 }));
    const again: Middleware = async (request, next) => {
      const response = await next(request);
      return response.status === 500 ? next(request) : response;
    };
    expect(await clientOf(calls, { middleware: [again] }).banks.getBank({ id: 1 })).toEqual({ id: 1 });
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual(Array(2).fill(`Bearer ${clientToken.token}`));
  });

  it('sees each attempt with its number', async () => {
    const { seen, middleware } = spy();
    const call = userOf(recorder(json(503, {}), new TypeError('broken'), json(200, { id: 1 })), {
      middleware: [middleware],
    }).accounts.getAccount({ id: 1 });
    await vi.runAllTimersAsync();
    expect(await call).toEqual({ id: 1 });
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(seen.map(({ headers }) => headers['x-request-id'])).size).toBe(1);
  });

  it('changes one attempt without changing the next', async () => {
    const calls = recorder(json(503, {}), json(200, {}));
    const once: Middleware = (request, next) =>
      next(request.attempt === 1 ? { ...request, headers: { ...request.headers, 'x-first': '1' } } : request);
    const call = userOf(calls, { middleware: [once] }).accounts.getAccount({ id: 1 });
    await vi.runAllTimersAsync();
    await call;
    expect(calls.sent.map(({ headers }) => headers['x-first'])).toEqual(['1', undefined]);
  });

  it('sees a call again whose token was renewed', async () => {
    const { seen, middleware } = spy();
    let current = 'old';
    const user = {
      identity: 'user' as const,
      get: async () => current,
      reject: () => {
        current = 'new';
      },
    };
    await userOf(recorder(json(401, {}), json(200, {})), { middleware: [middleware] }, user).accounts.getAccount({ id: 1 });
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('never sees the bearer', async () => {
    const { seen, middleware } = spy();
    const calls = recorder();
    await userOf(calls, { middleware: [middleware] }).accounts.getAccount({ id: 1 });
    expect(inspect(seen, { depth: null, showHidden: true })).not.toContain(userToken.token);
    expect(only(calls.sent).headers['authorization']).toBe(`Bearer ${userToken.token}`);
  });

  it('sees every page', async () => {
    const { seen, middleware } = spy();
    const calls = recorder(json(200, { banks: [1], paging: { pageCount: 2 } }), json(200, { banks: [2], paging: { pageCount: 2 } }));
    for await (const _ of clientOf(calls, { middleware: [middleware] }).banks.getAndSearchAllBanks());
    expect(seen.map(({ url }) => new URL(url).search)).toEqual(['', '?page=2']);
  });

  it('sees the time-out and the abort in the signal', async () => {
    const { seen, middleware } = spy();
    const rejected = rejectionOf(
      clientOf(recorder(silence), { middleware: [middleware], retry: false, timeoutMs: 100 }).banks.getBank({ id: 1 }),
    );
    await vi.advanceTimersByTimeAsync(100);
    expect(await rejected).toMatchObject({ code: 'TIMEOUT' });
    const controller = new AbortController();
    const aborted = rejectionOf(
      clientOf(recorder(silence), { middleware: [middleware] }).banks.getBank({ id: 1 }, { signal: controller.signal }),
    );
    await settled();
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    expect(seen.map(({ signal }) => (signal.reason instanceof DOMException ? signal.reason.name : signal.reason))).toEqual([
      'TimeoutError',
      'enough',
    ]);
  });

  it('that throws an error of ours ends the call with it', async () => {
    const stop = new FinapiError('RATE_LIMITED', 'our own limit');
    const calls = recorder();
    expect(await rejectionOf(clientOf(calls, { middleware: [() => Promise.reject(stop)] }).banks.getBank({ id: 1 }))).toBe(stop);
    expect(calls.sent).toEqual([]);
  });

  it('that throws anything else counts as a broken connection, showing nothing of it', async () => {
    const broken: Middleware = () => {
      throw new TypeError('canary');
    };
    const error = await failureOf(clientOf(recorder(), { middleware: [broken], retry: false }).banks.getBank({ id: 1 }), FinapiError);
    expect({ code: error.code, shown: inspect(error).includes('canary') }).toEqual({ code: 'NETWORK', shown: false });
  });

  it('that does not listen to the signal is left by a time-out and by an abort all the same', async () => {
    // ever, against `timeoutMs` and `signal`. Race it with the controller's signal. (README says that `fetch` must honour the signal; of
    // middleware nobody says it.)
    const deaf: Middleware = () => new Promise(() => {});
    const ended: unknown[] = [];
    const controller = new AbortController();
    const { banks } = clientOf(recorder(), { middleware: [deaf], retry: false, timeoutMs: 1000 });
    banks.getBank({ id: 1 }).catch((error: unknown) => ended.push(error));
    banks.getBank({ id: 1 }, { signal: controller.signal }).catch((error: unknown) => ended.push(error));
    await settled();
    controller.abort('enough');
    await vi.advanceTimersByTimeAsync(5000);
    expect(ended).toHaveLength(2);
  });
});

describe('the bearer behind a middleware that changes the URL', () => {
  const sentTo = async (url: string): Promise<string | undefined> => {
    const calls = recorder();
    await userOf(calls, { middleware: [(request, next) => next({ ...request, url })] }).accounts.getAccount({ id: 1 });
    expect(only(calls.sent).url.href).toBe(new URL(url).href);
    return only(calls.sent).headers['authorization'];
  };

  it.each([
    `${baseUrl}/api/v1/accounts/2`,
    `${baseUrl}/elsewhere?x=1`,
    'https://SANDBOX.finapi.io/x',
    'https://sandbox.finapi.io:443/x',
    `${baseUrl}/@evil.example`,
  ])('goes to the configured host, as in %s', async (url) => {
    expect(await sentTo(url)).toBe(`Bearer ${userToken.token}`);
  });

  it.each([
    'https://evil.example/api/v1/accounts/1',
    'https://sandbox.finapi.io.evil.example/api/v1/accounts/1',
    'https://sandbox.finapi.io.evil.example',
    'https://sandbox.finapi.io@evil.example/',
    'https://evilsandbox.finapi.io/',
    'https://finapi.io/',
    'https://live.finapi.io/api/v1/accounts/1',
    'https://sandbox.finapi.io:8443/api/v1/accounts/1',
    'http://sandbox.finapi.io/api/v1/accounts/1',
    'https://sandbox.finapi.io./api/v1/accounts/1',
  ])('does not go to another, as in %s', async (url) => {
    expect(await sentTo(url)).toBeUndefined();
  });

  it('does not go over a real socket to another host', async () => {
    vi.useRealTimers();
    const headers: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      headers.push(request.headers.authorization);
      response.end('{}');
    });
    const elsewhere: Middleware = (request, next) => next({ ...request, url: `${server.url}/x` });
    await userOf({ fetch: (url, init) => fetch(url, init), sent: [] }, { middleware: [elsewhere] }).accounts.getAccount({ id: 1 });
    expect(headers).toEqual([undefined]);
  });

  it('goes to another path of a proxy of ours', async () => {
    const calls = recorder();
    const middleware: Middleware = (request, next) => next({ ...request, url: request.url.replace('/finapi/', '/other/') });
    await userOf(calls, { baseUrl: 'https://proxy.example/finapi', middleware: [middleware] }).accounts.getAccount({ id: 1 });
    expect(only(calls.sent).url.pathname).toBe('/other/api/v1/accounts/1');
    expect(only(calls.sent).headers['authorization']).toBe(`Bearer ${userToken.token}`);
  });
});

describe('an Authorization that a middleware sets', () => {
  const set =
    (name: string): Middleware =>
    (request, next) =>
      next({ ...request, headers: { ...request.headers, [name]: 'Basic of-the-proxy' } });

  it('is respected', async () => {
    const calls = recorder();
    await userOf(calls, { middleware: [set('authorization')] }).accounts.getAccount({ id: 1 });
    expect(only(calls.sent).headers['authorization']).toBe('Basic of-the-proxy');
  });

  it('is respected by an operation that takes no token', async () => {
    const calls = recorder();
    await clientOf(calls, { middleware: [set('authorization')] }).authorization.getToken({
      grant_type: 'client_credentials',
      client_id: 'i',
      client_secret: 's',
    });
    expect(only(calls.sent).headers['authorization']).toBe('Basic of-the-proxy');
  });

  it('is respected in capital letters too', async () => {
    // one header with a comma, the bearer in it.
    const calls = recorder();
    await userOf(calls, { middleware: [set('Authorization')] }).accounts.getAccount({ id: 1 });
    expect(only(calls.sent).headers['authorization']).toBe('Basic of-the-proxy');
  });
});

describe('observe', () => {
  const watched = (...answers: readonly Answer[]) => {
    const events: CallEvent[] = [];
    const alice = userOf(recorder(...answers), { middleware: [observe((event) => events.push(event))] });
    return { events, alice };
  };
  const place = { operationId: 'getAccount', method: 'GET', path: '/api/v1/accounts/{id}', requestId: 'r', attempt: 1 };

  it('tells of a call that is answered, with its status and duration', async () => {
    const { events, alice } = watched(async () => {
      await vi.advanceTimersByTimeAsync(40);
      return json(200, {});
    });
    await alice.accounts.getAccount({ id: 7 }, { requestId: 'r' });
    expect(events).toEqual([
      { kind: 'sent', ...place },
      { kind: 'answered', ...place, status: 200, durationMs: expect.closeTo(40, 0) },
    ]);
  });

  it('tells of a failure that finAPI answers', async () => {
    const { events, alice } = watched(json(404, {}));
    await rejectionOf(alice.accounts.getAccount({ id: 7 }, { requestId: 'r' }));
    expect(events.map(({ kind, status }) => [kind, status])).toEqual([
      ['sent', undefined],
      ['answered', 404],
    ]);
  });

  it('tells of every attempt', async () => {
    const { events, alice } = watched(new TypeError('broken'), json(503, {}), json(200, {}));
    const call = alice.accounts.getAccount({ id: 7 });
    await vi.runAllTimersAsync();
    await call;
    expect(events.map(({ kind, attempt, status, code }) => [kind, attempt, status ?? code])).toEqual([
      ['sent', 1, undefined],
      ['failed', 1, 'NETWORK'],
      ['sent', 2, undefined],
      ['answered', 2, 503],
      ['sent', 3, undefined],
      ['answered', 3, 200],
    ]);
  });

  it('tells a time-out from an abort and from a broken connection', async () => {
    const codes: (string | undefined)[] = [];
    for (const end of ['TIMEOUT', 'ABORTED', 'NETWORK']) {
      const { events, alice } = watched(end === 'NETWORK' ? new TypeError('broken') : silence);
      const controller = new AbortController();
      const rejected = rejectionOf(alice.accounts.getAccount({ id: 7 }, { signal: controller.signal, timeoutMs: 50, retry: false }));
      await settled();
      if (end === 'ABORTED') controller.abort('enough');
      await vi.advanceTimersByTimeAsync(50);
      await rejected;
      codes.push(at(events, -1).code);
      expect(at(events, -1)).toMatchObject({ kind: 'failed', durationMs: expect.closeTo(end === 'TIMEOUT' ? 50 : 0, 0) });
    }
    expect(codes).toEqual(['TIMEOUT', 'ABORTED', 'NETWORK']);
  });

  it('never tells the expanded path, the query, the body or a token', async () => {
    const events: CallEvent[] = [];
    const finapi = clientOf(recorder(json(200, {})), { middleware: [observe((event) => events.push(event))] });
    await finapi.authorization.revokeToken({ token: 'canary-1' });
    await finapi.authorization.getToken({ grant_type: 'client_credentials', client_id: 'i', client_secret: 'canary-2' });
    await finapi.users.verifyUser({ userId: 'canary-3' });
    await finapi.as({ identity: 'user', token: 'canary-4' }).accounts.getAndSearchAllAccounts({ search: 'canary-5' });
    expect(events).toHaveLength(8);
    expect(inspect(events, { depth: null, showHidden: true })).not.toContain('canary');
    expect(events.map(({ path }) => path)).toContain('/api/v1/users/verify/{userId}');
  });

  it('tells the method of the operation as it goes out', async () => {
    const events: CallEvent[] = [];
    await userOf(recorder(), { methodOverride: true, middleware: [observe((event) => events.push(event))] }).accounts.editAccount({
      id: 1,
    });
    expect(at(events, 0)).toMatchObject({ operationId: 'editAccount', method: 'POST' });
  });

  it('does not fail a call where the listener throws', async () => {
    const listener = vi.fn(() => {
      throw new Error('the log is full');
    });
    const calls = recorder(json(200, { id: 1 }));
    expect(await userOf(calls, { middleware: [observe(listener)] }).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
    expect(listener).toHaveBeenCalledTimes(2);
    await rejectionOf(
      userOf(recorder(new TypeError('broken')), { retry: false, middleware: [observe(listener)] }).accounts.getAccount({ id: 1 }),
    );
    expect(listener).toHaveBeenCalledTimes(4);
  });

  it('does not end the process where an async listener rejects', async () => {
    vi.useRealTimers();
    const listener = async (): Promise<void> => {
      throw new Error('the log is full');
    };
    const unhandled = await unhandledDuring(async () => {
      await userOf(recorder(), { middleware: [observe(listener)] }).accounts.getAccount({ id: 1 });
    });
    expect(unhandled).toEqual([]);
  });

  it('passes on what comes, errors as they are', async () => {
    const { alice } = watched(new TypeError('broken'));
    expect(await rejectionOf(alice.accounts.getAccount({ id: 1 }, { retry: false }))).toMatchObject({ code: 'NETWORK' });
  });
});
