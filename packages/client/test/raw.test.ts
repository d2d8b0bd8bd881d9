// The path-based door: the same transport, by method and path.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { raw } from '../src/generated/access-v1/raw.js';
import { FinapiError } from '../src/index.js';
import {
  type Answer,
  adminToken,
  at,
  bare,
  baseUrl,
  clientOf,
  clientToken,
  entry,
  errorMessage,
  failureOf,
  json,
  only,
  recorder,
  rejectionOf,
  settled,
  silence,
  text,
  userOf,
  userToken,
} from './support.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a path-based call', () => {
  it('gets with arguments of the path', async () => {
    const calls = recorder(json(200, { id: 7, accountName: 'Rent' }));
    const { data, error, response } = await raw(userOf(calls)).GET('/api/v1/accounts/{id}', { params: { path: { id: 7 } } });
    expect(data?.accountName).toBe('Rent');
    expect(error).toBeUndefined();
    expect(response.status).toBe(200);
    expect(only(calls.sent)).toMatchObject({ method: 'GET', path: '/api/v1/accounts/7', query: [], body: undefined });
  });

  it('gets with arguments of the query, as methods write them', async () => {
    const calls = recorder(json(200, { transactions: [] }));
    await raw(userOf(calls)).GET('/api/v1/transactions', {
      params: { query: { view: 'userView', accountIds: [1, 2], search: 'a b&c', isNew: false } },
    });
    expect(only(calls.sent).url.href).toBe(
      `${baseUrl}/api/v1/transactions?view=userView&accountIds=1&accountIds=2&search=a%20b%26c&isNew=false`,
    );
  });

  it('gets with a list in the path, as methods write it', async () => {
    const calls = recorder();
    await raw(userOf(calls)).GET('/api/v1/accounts/{ids}', { params: { path: { ids: [1, 2] } } });
    expect(only(calls.sent).path).toBe('/api/v1/accounts/1,2');
  });

  it('gets without arguments where none are needed', async () => {
    const calls = recorder(json(200, { banks: [] }));
    const { data } = await raw(clientOf(calls)).GET('/api/v1/banks');
    expect(data).toEqual({ banks: [] });
  });

  it('posts a JSON body', async () => {
    const calls = recorder(json(201, { id: 'alice' }));
    const { data, response } = await raw(clientOf(calls)).POST('/api/v1/users', { body: { id: 'alice', isAutoUpdateEnabled: true } });
    expect({ data, status: response.status }).toEqual({ data: { id: 'alice' }, status: 201 });
    expect(only(calls.sent)).toMatchObject({ method: 'POST', path: '/api/v1/users', body: '{"id":"alice","isAutoUpdateEnabled":true}' });
    expect(only(calls.sent).headers['content-type']).toBe('application/json');
  });

  it('posts a form body', async () => {
    const calls = recorder(json(200, { access_token: 'x' }));
    const { data } = await raw(clientOf(calls)).POST('/oauth/token', {
      body: { grant_type: 'client_credentials', client_id: 'i', client_secret: 'a&b' },
    });
    expect(data?.access_token).toBe('x');
    expect(only(calls.sent).body).toBe('grant_type=client_credentials&client_id=i&client_secret=a%26b');
    expect(only(calls.sent).headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(only(calls.sent).headers).not.toHaveProperty('authorization');
  });

  it('posts a query without a body', async () => {
    const calls = recorder(bare(200));
    const { data, response } = await raw(clientOf(calls)).POST('/oauth/revoke', { params: { query: { token: 'a+b' } } });
    expect({ data, ok: response.ok }).toEqual({ data: undefined, ok: true });
    expect(only(calls.sent).url.search).toBe('?token=a%2Bb');
    expect(only(calls.sent).body).toBeUndefined();
  });

  it('patches with a path and a body', async () => {
    const calls = recorder(json(200, { id: 7 }));
    await raw(userOf(calls)).PATCH('/api/v1/accounts/{id}', { params: { path: { id: 7 } }, body: { accountName: 'x' } });
    expect(only(calls.sent)).toMatchObject({ method: 'PATCH', path: '/api/v1/accounts/7', body: '{"accountName":"x"}' });
  });

  it('deletes, with nothing in the answer', async () => {
    const calls = recorder(text(200, 'whatever', 'text/plain'));
    const answer = await raw(userOf(calls)).DELETE('/api/v1/accounts/{id}', { params: { path: { id: 7 } } });
    expect({ data: answer.data, error: answer.error, status: answer.response.status }).toEqual({
      data: undefined,
      error: undefined,
      status: 200,
    });
    expect(only(calls.sent)).toMatchObject({ method: 'DELETE', path: '/api/v1/accounts/7', body: undefined });
  });

  it('carries the token of whom it is for', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    await raw(finapi).GET('/api/v1/clientConfiguration');
    await raw(finapi.as(userToken)).GET('/api/v1/users');
    await raw(finapi.admin).GET('/api/v1/mandatorAdmin/getUserList');
    await raw(finapi).GET('/api/v1/banks');
    await raw(finapi.as(userToken)).GET('/api/v1/banks');
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual(
      [clientToken, userToken, adminToken, clientToken, userToken].map(({ token }) => `Bearer ${token}`),
    );
  });

  it('sends what a method sends, header for header', async () => {
    const calls = recorder(json(200, {}));
    const options = { requestId: 'r', language: 'en', psu: { ipAddress: '192.0.2.7' }, headers: { 'X-Trace': 't' } } as const;
    const alice = userOf(calls, { userAgent: 'shop/1' });
    await alice.accounts.editAccount({ id: 7, accountName: 'x' }, options);
    await raw(alice).PATCH('/api/v1/accounts/{id}', { params: { path: { id: 7 } }, body: { accountName: 'x' }, ...options });
    const [first, second] = calls.sent.map(({ signal: _, ...request }) => request);
    expect(second).toEqual(first);
  });

  it('has a fresh request id where none is given', async () => {
    const calls = recorder();
    const door = raw(clientOf(calls));
    await door.GET('/api/v1/banks');
    await door.GET('/api/v1/banks');
    const ids = calls.sent.map(({ headers }) => headers['x-request-id'] ?? '');
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(2);
  });

  it('goes behind the path of a base URL', async () => {
    const calls = recorder(json(200, {}));
    await raw(clientOf(calls, { baseUrl: 'https://proxy.example/finapi/' })).GET('/api/v1/banks/{id}', { params: { path: { id: 1 } } });
    expect(only(calls.sent).url.href).toBe('https://proxy.example/finapi/api/v1/banks/1');
  });

  it('goes through the middleware and is repeated as methods are', async () => {
    const attempts: number[] = [];
    const calls = recorder(json(503, {}), json(200, { id: 1 }));
    const finapi = clientOf(calls, {
      middleware: [
        (request, next) => {
          attempts.push(request.attempt);
          return next(request);
        },
      ],
    });
    const call = raw(finapi).GET('/api/v1/banks/{id}', { params: { path: { id: 1 } } });
    await vi.runAllTimersAsync();
    expect((await call).data).toEqual({ id: 1 });
    expect(attempts).toEqual([1, 2]);
  });

  it('renews a refused token', async () => {
    let current = 'old';
    const user = {
      identity: 'user' as const,
      get: async () => current,
      reject: () => {
        current = 'new';
      },
    };
    const calls = recorder(json(401, {}), json(200, { id: 1 }));
    expect((await raw(userOf(calls, {}, user)).GET('/api/v1/users')).data).toEqual({ id: 1 });
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old', 'Bearer new']);
  });
});

describe('a status', () => {
  it.each([400, 401, 403, 404, 418, 422, 423, 429, 451, 500, 501, 502, 503, 504, 510, 302])('of %i does not throw', async (status) => {
    const body = errorMessage(entry('SOME_CODE'));
    const { data, error, response } = await raw(userOf(recorder(json(status, body, { 'x-request-id': 'echoed' })), { retry: false })).GET(
      '/api/v1/accounts/{id}',
      { params: { path: { id: 1 } } },
    );
    expect(data).toBeUndefined();
    expect(error).toEqual(body);
    expect({ status: response.status, ok: response.ok, requestId: response.headers.get('x-request-id') }).toEqual({
      status,
      ok: false,
      requestId: 'echoed',
    });
  });

  it('with HTML has the text for an error', async () => {
    const { error } = await raw(userOf(recorder(text(502, '<p>bad</p>')), { retry: false })).GET('/api/v1/users');
    expect(error).toBe('<p>bad</p>');
  });

  it('without a body has an error all the same', async () => {
    const answer = await raw(userOf(recorder(bare(403)))).GET('/api/v1/users');
    expect(answer.error).toBe('');
    expect('error' in answer && !('data' in answer)).toBe(true);
  });

  it('with the JSON null for a body has an error all the same', async () => {
    const { error } = await raw(userOf(recorder(json(500, null)))).GET('/api/v1/users');
    expect(error).toBe('');
  });

  it('of 304 can be told, though no body goes with it', async () => {
    const { response } = await raw(userOf(recorder(bare(304)))).GET('/api/v1/users');
    expect(response.status).toBe(304);
  });

  it('that echoes the token has it masked', async () => {
    const body = { error: 'invalid_token', error_description: `Invalid access token: ${userToken.token}` };
    const { error } = await raw(userOf(recorder(json(401, body)))).GET('/api/v1/users');
    expect(error).toEqual({ error: 'invalid_token', error_description: 'Invalid access token: [masked]' });
  });

  it('that is no status ends with a typed error', async () => {
    expect(await rejectionOf(raw(userOf(recorder(Response.error()))).GET('/api/v1/users'))).toMatchObject({
      code: 'UNEXPECTED_STATUS',
      status: 0,
    });
  });

  it('with a length of its own keeps its body', async () => {
    const answer = json(404, errorMessage(entry('UNKNOWN_ENTITY')), { 'content-length': '0', 'content-encoding': 'gzip' });
    const { error, response } = await raw(userOf(recorder(answer))).GET('/api/v1/users');
    expect(error).toMatchObject({ errors: [{ code: 'UNKNOWN_ENTITY' }] });
    expect(response.headers.has('content-encoding')).toBe(false);
  });
});

describe('what throws', () => {
  const place = { operationId: 'getAccount', method: 'GET', path: '/api/v1/accounts/{id}' };
  const get = (...answers: readonly Answer[]) =>
    raw(userOf(recorder(...answers), { retry: false, timeoutMs: 100 })).GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });

  it('is a broken connection, typed', async () => {
    expect(await failureOf(get(new TypeError('broken')), FinapiError)).toMatchObject({ code: 'NETWORK', ...place });
  });

  it('is a time-out, typed', async () => {
    const failure = failureOf(get(silence), FinapiError);
    await vi.runAllTimersAsync();
    expect(await failure).toMatchObject({ code: 'TIMEOUT', ...place });
  });

  it.each([
    ['HTML', () => text(200, '<html>')],
    ['nothing', () => bare(200)],
    ['JSON that is cut off', () => text(200, '{"id":', 'application/json')],
  ])('is a success of %s, typed', async (_, answer) => {
    expect(await failureOf(get(answer()), FinapiError)).toMatchObject({ code: 'UNREADABLE_ANSWER', status: 200, ...place });
  });

  it('is an abort, with the reason of the caller', async () => {
    const controller = new AbortController();
    const rejected = rejectionOf(raw(userOf(recorder(silence))).GET('/api/v1/users', { signal: controller.signal }));
    for (let i = 0; i < 5; i++) await settled();
    controller.abort('enough');
    expect(await rejected).toBe('enough');
  });

  it('is a missing token, before anything is sent', async () => {
    const calls = recorder();
    expect(await rejectionOf(raw(clientOf(calls, { auth: {} })).GET('/api/v1/banks'))).toMatchObject({ code: 'MISSING_TOKEN' });
    expect(calls.sent).toEqual([]);
  });

  it('is a path that is in no operation, before anything is sent', async () => {
    const calls = recorder();
    const door = raw(userOf(calls)) as unknown as Record<string, (path: string, init?: object) => Promise<unknown>>;
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['GET', '/api/v1/accounts/1'],
      ['PUT', '/api/v1/accounts/{id}'],
      ['POST', '/api/v1/accounts/{id}'],
      ['GET', '/api/v1/accounts/'],
      ['GET', 'https://evil.example/'],
      ['GET', 'constructor'],
    ] as const) {
      const error = await failureOf(door[method]?.(path) ?? Promise.resolve(), FinapiError);
      expect({ code: error.code, named: error.message.includes(path) }).toEqual({ code: 'INVALID_ARGUMENT', named: true });
    }
    expect(calls.sent).toEqual([]);
  });

  it('is the path of another identity, before the wrong token is sent', async () => {
    // (the types refuse it). Methods cannot do this; compare `operation.token` with `context.identity`.
    const calls = recorder();
    const door = raw(userOf(calls)) as unknown as { GET(path: string): Promise<unknown> };
    expect(await rejectionOf(door.GET('/api/v1/mandatorAdmin/getUserList'))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(calls.sent).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['a dot segment', '..'],
    ['NaN', Number.NaN],
  ])('is %s for an argument of the path', async (_, id) => {
    const calls = recorder();
    const call = raw(userOf(calls)).GET('/api/v1/accounts/{id}', { params: { path: { id: id as number } } });
    expect(await failureOf(call, FinapiError)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(calls.sent).toEqual([]);
  });

  it('is no argument at all where some are needed', async () => {
    const calls = recorder();
    const door = raw(userOf(calls)) as unknown as { GET(path: string): Promise<unknown> };
    expect(await rejectionOf(door.GET('/api/v1/accounts/{id}'))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(calls.sent).toEqual([]);
  });

  it('is an object in a list of the query, typed as from a method', async () => {
    const calls = recorder();
    const query = { view: 'userView', ids: { a: { b: 1 } } } as unknown as { view: 'userView' };
    await failureOf(raw(userOf(calls)).GET('/api/v1/transactions', { params: { query } }), FinapiError);
    expect(calls.sent).toEqual([]);
  });
});

describe('raw', () => {
  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['a group of methods', userOf(recorder()).accounts],
    ['a token', userToken],
  ])('refuses %s', (_, view) => {
    expect(() => raw(view as Parameters<typeof raw>[0])).toThrow(FinapiError);
  });

  it('has the same answer as a method for the same reply', async () => {
    const reply = json(200, { id: 1, accountName: null });
    const alice = userOf(recorder(reply));
    const { data } = await raw(alice).GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });
    expect(data).toEqual(await alice.accounts.getAccount({ id: 1 }));
  });

  it('has no more than data or error, and the response', async () => {
    const door = raw(userOf(recorder(json(200, { id: 1 }), json(404, {}))));
    const answers = [await door.GET('/api/v1/users'), await door.GET('/api/v1/users')];
    expect(Object.keys(at(answers, 0)).sort()).toEqual(['data', 'response']);
    expect(Object.keys(at(answers, 1)).sort()).toEqual(['error', 'response']);
  });
});
