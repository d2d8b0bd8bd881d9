// What a call fails with: class, code and details by status, unreadable answers, broken connections, aborts, and that no secret shows.
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthenticationRequiredError, FinapiError, type FinapiErrorCode, WebFormRequiredError } from '../src/index.js';
import {
  type Answer,
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
  serve,
  settled,
  silence,
  stuckBody,
  text,
  unhandledDuring,
  userOf,
  userToken,
} from './support.js';

/** The error of one call that is answered like this; nothing is repeated. */
async function errorOf(answer: Answer): Promise<FinapiError> {
  return failureOf(userOf(recorder(answer), { retry: false }).accounts.getAccount({ id: 77 }, { requestId: 'sent-id' }), FinapiError);
}

const statuses: readonly (readonly [number, FinapiErrorCode, abstract new (...args: never[]) => FinapiError])[] = [
  [400, 'BAD_REQUEST', FinapiError],
  [401, 'UNAUTHORIZED', FinapiError],
  [403, 'FORBIDDEN', FinapiError],
  [404, 'NOT_FOUND', FinapiError],
  [418, 'UNEXPECTED_STATUS', FinapiError],
  [422, 'UNPROCESSABLE', FinapiError],
  [423, 'LOCKED', FinapiError],
  [429, 'RATE_LIMITED', FinapiError],
  [451, 'WEB_FORM_REQUIRED', WebFormRequiredError],
  [500, 'SERVER_ERROR', FinapiError],
  [501, 'NOT_SUPPORTED', FinapiError],
  [502, 'UNAVAILABLE', FinapiError],
  [503, 'UNAVAILABLE', FinapiError],
  [504, 'UNAVAILABLE', FinapiError],
  [510, 'AUTHENTICATION_REQUIRED', AuthenticationRequiredError],
];

describe.each(statuses)('status %i', (status, code, kind) => {
  it(`is ${code} of its class, with all that is known of the call`, async () => {
    const entries = [entry('SOME_CODE', 'TECHNICAL', 'first'), entry('OTHER_CODE', 'BUSINESS', 'second')];
    const error = await errorOf(json(status, errorMessage(...entries), { 'x-request-id': 'echoed-id', 'retry-after': '7' }));
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(Error);
    expect(error.constructor).toBe(kind);
    expect(error.name).toBe(kind.name);
    const { method, path, operationId, requestId, retryAfterMs } = error;
    expect({ code: error.code, status: error.status, method, path, operationId, requestId, retryAfterMs }).toEqual({
      code,
      status,
      method: 'GET',
      path: '/api/v1/accounts/{id}',
      operationId: 'getAccount',
      requestId: 'echoed-id',
      retryAfterMs: 7000,
    });
    expect(error.errors).toEqual(entries);
    expect(error.body).toEqual(errorMessage(...entries));
  });

  it('keeps the id that was sent where none is echoed, and has no pause where none is asked for', async () => {
    const error = await errorOf(json(status, errorMessage()));
    expect({ requestId: error.requestId, retryAfterMs: error.retryAfterMs }).toEqual({ requestId: 'sent-id', retryAfterMs: undefined });
  });

  it('reads an OAuth error into one entry', async () => {
    const error = await errorOf(json(status, { error: 'invalid_thing', error_description: 'the thing is wrong' }));
    expect(error.errors).toEqual([{ code: 'invalid_thing', message: 'the thing is wrong' }]);
    expect(error.code).toBe(code);
  });

  it.each<[string, () => Response]>([
    ['an empty body', () => bare(status)],
    ['HTML', () => text(status, '<html><body>Bad day</body></html>')],
    ['JSON that is cut off', () => text(status, '{"errors":[{"code":"SOME', 'application/json')],
    ['plain text under the name of JSON', () => text(status, 'oops', 'application/json')],
    ['JSON that is no object', () => json(status, 'oops')],
    ['JSON null', () => json(status, null)],
    ['a list', () => json(status, [1])],
    ['another object', () => json(status, { errors: 'none', error: 5 })],
    ['entries that are none', () => json(status, { errors: [null, 1, 'x'] })],
  ])('is typed with %s', async (_, answer) => {
    const error = await errorOf(answer());
    expect(error.constructor).toBe(kind);
    expect({ code: error.code, status: error.status, errors: error.errors }).toEqual({ code, status, errors: [] });
  });

  it("reads finAPI's error whatever its content type says", async () => {
    const error = await errorOf(text(status, JSON.stringify(errorMessage(entry('SOME_CODE'))), 'text/plain'));
    expect(error.errors).toMatchObject([{ code: 'SOME_CODE' }]);
  });
});

describe('the message of an error', () => {
  it('names method, path template, status, code and request', async () => {
    const error = await errorOf(json(404, errorMessage(entry('UNKNOWN_ENTITY', 'TECHNICAL', 'no such account'))));
    expect(error.message).toBe('GET /api/v1/accounts/{id}: 404 NOT_FOUND UNKNOWN_ENTITY, no such account (request sent-id)');
  });

  it('holds a TECHNICAL text and no BUSINESS one, which can be of the end user', async () => {
    const technical = await errorOf(json(422, errorMessage(entry('ILLEGAL_ENTITY_STATE', 'TECHNICAL', 'for developers'))));
    const business = await errorOf(json(422, errorMessage(entry('BANK_SERVER_REJECTION', 'BUSINESS', 'for Frau Muster'))));
    expect(technical.message).toContain('for developers');
    expect(business.message).not.toContain('Muster');
    expect(business.message).toContain('BANK_SERVER_REJECTION');
    expect(at(business.errors, 0).message).toBe('for Frau Muster');
  });

  it('holds the description of no OAuth error, only its code', async () => {
    const error = await errorOf(json(401, { error: 'invalid_client', error_description: 'client 4711 is unknown' }));
    expect(error.message).toContain('invalid_client');
    expect(error.message).not.toContain('4711');
  });

  it('says what came in place of JSON, quoting nothing of it', async () => {
    expect((await errorOf(text(502, '<html>canary</html>', 'text/html; charset=utf-8'))).message).toContain(
      '502 UNAVAILABLE, a body of type text/html (',
    );
    expect((await errorOf(bare(503))).message).toContain('503 UNAVAILABLE, an empty body');
    expect((await errorOf(text(500, '{"canary', 'application/json'))).message).toMatch(/cut off/);
    expect((await errorOf(text(500, '{"canary', 'application/json'))).message).not.toContain('canary');
  });

  it('does not call JSON invalid that is only of another form', async () => {
    expect((await errorOf(json(500, { message: 'another form' }))).message).not.toMatch(/cut off|no valid JSON/);
  });

  it('does without an empty text of finAPI', async () => {
    expect((await errorOf(json(400, errorMessage(entry('MISSING_FIELD', 'TECHNICAL', null))))).message).toMatch(
      /400 BAD_REQUEST MISSING_FIELD \(/,
    );
  });

  it('never holds the expanded path or the query', async () => {
    const error = await failureOf(
      userOf(recorder(json(400, errorMessage()))).transactions.getAndSearchAllTransactions({ view: 'userView', search: 'canary' }),
      FinapiError,
    );
    expect(error.message).toContain('/api/v1/transactions:');
    expect(error.message).not.toContain('canary');
    expect((await errorOf(json(404, errorMessage()))).message).not.toContain('77');
  });
});

describe('a success that cannot be read', () => {
  it.each<[string, () => Response, RegExp]>([
    ['an empty body', () => bare(200), /an empty body/],
    ['blanks alone', () => text(200, ' \n ', 'application/json'), /an empty body/],
    ['no body under 204', () => bare(204), /204 with an empty body/],
    ['HTML', () => text(200, '<html>hello</html>'), /a body of type text\/html/],
    ['JSON that is cut off', () => text(200, '{"id":1,"accountName":"canary', 'application/json'), /cut off/],
    ['a body without a type', () => new Response(new TextEncoder().encode('hello')), /a body of type unknown/],
  ])('with %s is typed, and quotes nothing', async (_, answer, message) => {
    const error = await errorOf(answer());
    expect({ code: error.code, errors: error.errors, body: error.body }).toEqual({
      code: 'UNREADABLE_ANSWER',
      errors: [],
      body: undefined,
    });
    expect(error.status).toBeGreaterThanOrEqual(200);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/canary|hello/);
  });

  it('keeps the request id that was echoed', async () => {
    expect((await errorOf(text(200, '<html>', 'text/html', { 'x-request-id': 'echoed-id' }))).requestId).toBe('echoed-id');
  });

  it('is none where JSON comes under another content type', async () => {
    const calls = recorder(text(200, '{"id":1}', 'text/html'));
    expect(await userOf(calls).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
  });

  it('is none where JSON begins with a byte order mark', async () => {
    const calls = recorder(text(200, '\ufeff{"id":1}', 'application/json'));
    expect(await userOf(calls).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
  });

  it.each([200, 201, 202, 204])('is none with status %i where the operation gives nothing back, whatever the body', async (status) => {
    for (const body of [null, '', '<html>', '{"cut', '{"id":1}']) {
      if (status === 204 && body !== null) continue;
      expect(await userOf(recorder(new Response(body, { status }))).accounts.deleteAccount({ id: 1 })).toBeUndefined();
    }
  });
});

describe('451', () => {
  const required = async (headers: Readonly<Record<string, string>>): Promise<WebFormRequiredError> =>
    failureOf(
      userOf(recorder(json(451, errorMessage(entry('WEB_FORM_REQUIRED', 'TECHNICAL', '9')), headers))).bankConnections.importBankConnection(
        { bankId: 1 },
      ),
      WebFormRequiredError,
    );

  it('carries the URL of the form', async () => {
    expect((await required({ location: 'https://sandbox.finapi.io/webForm/abc' })).url).toBe('https://sandbox.finapi.io/webForm/abc');
  });

  it('has no URL where none came', async () => {
    expect((await required({})).url).toBeUndefined();
  });

  it('does not show the URL when it is printed', async () => {
    const error = await required({ location: 'https://sandbox.finapi.io/webForm/canary' });
    for (const shown of everythingOf(error)) expect(shown).not.toContain('canary');
  });
});

describe('510', () => {
  const challenge = {
    hash: 'hash-of-canary',
    status: 'CHALLENGE_RESPONSE_REQUIRED',
    challengeMessage: 'one-time code canary',
    answerFieldLabel: 'TAN',
  };
  const required = (...entries: object[]): Promise<AuthenticationRequiredError> =>
    failureOf(
      userOf(recorder(json(510, errorMessage(...entries)))).payments.submitPayment({ paymentId: 1, interface: 'XS2A' }),
      AuthenticationRequiredError,
    );

  it('carries the challenge', async () => {
    expect((await required(entry('ADDITIONAL_AUTHENTICATION_REQUIRED', 'BUSINESS', 'x', challenge))).challenge).toEqual(challenge);
  });

  it('carries the challenge of whichever entry has one', async () => {
    expect((await required(entry('OTHER'), entry('ADDITIONAL_AUTHENTICATION_REQUIRED', 'BUSINESS', 'x', challenge))).challenge).toEqual(
      challenge,
    );
  });

  it('has no challenge where none came', async () => {
    expect((await required(entry('OTHER'))).challenge).toBeUndefined();
    expect((await required()).challenge).toBeUndefined();
  });

  it('does not show the challenge when it is printed', async () => {
    for (const shown of everythingOf(await required(entry('X', 'BUSINESS', 'x', challenge)))) expect(shown).not.toContain('canary');
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 307, 308])('of status %i is an error', async (status) => {
    const calls = recorder(bare(status, { location: 'https://evil.example/' }));
    const error = await failureOf(userOf(calls).accounts.getAccount({ id: 1 }), FinapiError);
    expect({ code: error.code, status: error.status, sent: calls.sent.length }).toEqual({ code: 'UNEXPECTED_STATUS', status, sent: 1 });
    expect(error.message).not.toContain('evil');
  });

  it('as a browser shows it, without a status, is an error', async () => {
    const error = await errorOf(Response.error());
    expect({ code: error.code, status: error.status }).toEqual({ code: 'UNEXPECTED_STATUS', status: 0 });
  });

  it.each([302, 307])('of status %i is not followed, so that neither body nor bearer reach another host', async (status) => {
    const reached: string[] = [];
    await using other = await serve((request, response) => {
      reached.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    await using first = await serve((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${other.url}/stolen` }).end();
    });
    const finapi = clientOf({ fetch: (url, init) => fetch(url, init), sent: [] }, { baseUrl: first.url });
    const form = await failureOf(
      finapi.authorization.getToken({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' }),
      FinapiError,
    );
    const data = await failureOf(finapi.as(userToken).accounts.editAccount({ id: 1, accountName: 'x' }), FinapiError);
    expect([form.status, data.status, form.code, data.code]).toEqual([status, status, 'UNEXPECTED_STATUS', 'UNEXPECTED_STATUS']);
    expect(reached).toEqual([]);
  });
});

describe('a broken connection', () => {
  const real = { fetch: (url: string, init: RequestInit) => fetch(url, init), sent: [] };

  it('that is refused is NETWORK, with the cause as a code', async () => {
    const server = await serve(() => {});
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const error = await failureOf(
      clientOf(real, { baseUrl: url, retry: false }).banks.getBank({ id: 1 }, { requestId: 'sent-id' }),
      FinapiError,
    );
    expect(error.code).toBe('NETWORK');
    expect(error.message).toContain('ECONNREFUSED');
    expect({ status: error.status, requestId: error.requestId, operationId: error.operationId }).toEqual({
      status: undefined,
      requestId: 'sent-id',
      operationId: 'getBank',
    });
  });

  it('that is reset before the answer is NETWORK', async () => {
    await using server = await serve((request) => request.socket.destroy());
    const error = await failureOf(clientOf(real, { baseUrl: server.url, retry: false }).banks.getBank({ id: 1 }), FinapiError);
    expect(error.code).toBe('NETWORK');
  });

  it('that is reset amid the body is NETWORK, not half a value', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":1,"name":"canary"', () => response.destroy());
    });
    const error = await failureOf(clientOf(real, { baseUrl: server.url, retry: false }).banks.getBank({ id: 1 }), FinapiError);
    expect(error.code).toBe('NETWORK');
    expect(error.status).toBeUndefined();
    expect(error.message).not.toContain('canary');
  });

  it('that is reset amid a chunked body is NETWORK', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.write('{"errors":[', () => response.destroy());
    });
    expect((await failureOf(clientOf(real, { baseUrl: server.url, retry: false }).banks.getBank({ id: 1 }), FinapiError)).code).toBe(
      'NETWORK',
    );
  });

  it('names the class where there is no code', async () => {
    expect((await errorOf(new TypeError('fetch failed'))).message).toContain('no complete answer: TypeError');
  });

  it('takes the code from within', async () => {
    expect(
      (await errorOf(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }))).message,
    ).toContain('ENOTFOUND');
  });

  it('takes nothing for a code that is free text', async () => {
    const error = await errorOf(Object.assign(new TypeError('x'), { code: 'at https://u:canary@host' }));
    expect(error.message).toContain('TypeError');
    expect(error.message).not.toContain('canary');
  });

  it('that fails with something other than an error is NETWORK all the same', async () => {
    const fetch = (): Promise<Response> => Promise.reject('just text');
    const error = await failureOf(clientOf({ fetch, sent: [] }, { retry: false }).banks.getBank({ id: 1 }), FinapiError);
    expect({ code: error.code, shown: error.message.includes('just text') }).toEqual({ code: 'NETWORK', shown: false });
  });

  it('that a fetch throws at once is NETWORK', async () => {
    const fetch = (): Promise<Response> => {
      throw new TypeError('at once');
    };
    expect((await failureOf(clientOf({ fetch, sent: [] }, { retry: false }).banks.getBank({ id: 1 }), FinapiError)).code).toBe('NETWORK');
  });
});

describe('a time-out', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** The time at which a call ends, and its error. */
  const ended = async (call: PromiseLike<unknown>): Promise<{ readonly error: FinapiError; readonly after: number }> => {
    const start = Date.now();
    const failure = failureOf(call, FinapiError).then((error) => ({ error, after: Date.now() - start }));
    await vi.runAllTimersAsync();
    return failure;
  };

  it('ends a call that is not answered, after 65 seconds unless set', async () => {
    const { error, after } = await ended(userOf(recorder(silence), { retry: false }).accounts.getAccount({ id: 1 }));
    expect({ code: error.code, after, operationId: error.operationId }).toEqual({
      code: 'TIMEOUT',
      after: 65_000,
      operationId: 'getAccount',
    });
    expect(error.message).toContain('65000 ms');
  });

  it('is that of the client, and that of the call over it', async () => {
    const alice = userOf(recorder(silence), { retry: false, timeoutMs: 2000 });
    expect((await ended(alice.accounts.getAccount({ id: 1 }))).after).toBe(2000);
    expect((await ended(alice.accounts.getAccount({ id: 1 }, { timeoutMs: 300 }))).after).toBe(300);
  });

  it('covers the body as well', async () => {
    const { error, after } = await ended(userOf(recorder(stuckBody), { retry: false, timeoutMs: 1000 }).accounts.getAccount({ id: 1 }));
    expect({ code: error.code, after }).toEqual({ code: 'TIMEOUT', after: 1000 });
  });

  it('is for each attempt anew', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const calls = recorder(silence);
    const { after } = await ended(userOf(calls, { timeoutMs: 1000 }).accounts.getAccount({ id: 1 }));
    expect({ after, attempts: calls.sent.length }).toEqual({ after: 3000, attempts: 3 });
    vi.restoreAllMocks();
  });

  it('tells the fetch by its signal', async () => {
    const calls = recorder(silence);
    await ended(userOf(calls, { retry: false }).accounts.getAccount({ id: 1 }));
    const { aborted, reason } = only(calls.sent).signal;
    expect({ aborted, name: (reason as DOMException).name }).toEqual({ aborted: true, name: 'TimeoutError' });
  });

  it('leaves no timer behind, after a success, a failure and an error of the fetch', async () => {
    await userOf(recorder(json(200, {}))).accounts.getAccount({ id: 1 });
    await errorOf(json(500, {}));
    await errorOf(new TypeError('broken'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not fire after the answer', async () => {
    const calls = recorder(json(200, { id: 1 }));
    expect(await userOf(calls).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
    await vi.advanceTimersByTimeAsync(200_000);
    expect(only(calls.sent).signal.aborted).toBe(false);
  });
});

describe('an abort', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const reasons: readonly (readonly [string, unknown])[] = [
    ['an error of the caller', new RangeError('enough')],
    ['text', 'enough'],
    ['a number', 0],
    ['null', null],
    ['an object', { why: 'enough' }],
  ];

  it.each(reasons)('before the call rejects with its own reason, %s, and nothing is sent', async (_, reason) => {
    const calls = recorder();
    expect(await rejectionOf(userOf(calls).accounts.getAccount({ id: 1 }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(calls.sent).toEqual([]);
  });

  it.each(reasons)('during the call rejects with its own reason, %s', async (_, reason) => {
    const calls = recorder(silence);
    const controller = new AbortController();
    const rejected = rejectionOf(userOf(calls).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await settled();
    expect(calls.sent).toHaveLength(1);
    controller.abort(reason);
    expect(await rejected).toBe(reason);
    expect(only(calls.sent).signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(reasons)('between two attempts rejects with its own reason, %s, and leaves no timer', async (_, reason) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const calls = recorder(json(503, {}));
    const controller = new AbortController();
    const rejected = rejectionOf(userOf(calls).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(10);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(reason);
    expect(await rejected).toBe(reason);
    expect({ timers: vi.getTimerCount(), sent: calls.sent.length }).toEqual({ timers: 0, sent: 1 });
  });

  it('without a reason rejects with the AbortError of the platform', async () => {
    const controller = new AbortController();
    const rejected = rejectionOf(userOf(recorder(silence)).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await settled();
    controller.abort();
    expect(await rejected).toBe(controller.signal.reason);
    expect((controller.signal.reason as DOMException).name).toBe('AbortError');
  });

  it('while the body comes rejects with its own reason', async () => {
    const controller = new AbortController();
    const rejected = rejectionOf(userOf(recorder(stuckBody)).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await settled();
    controller.abort('enough');
    expect(await rejected).toBe('enough');
  });

  it('is never repeated', async () => {
    const calls = recorder(silence);
    const controller = new AbortController();
    const rejected = rejectionOf(userOf(calls).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await settled();
    controller.abort('enough');
    await rejected;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(calls.sent).toHaveLength(1);
  });

  it('after the answer changes nothing', async () => {
    const controller = new AbortController();
    const value = userOf(recorder(json(200, { id: 1 }))).accounts.getAccount({ id: 1 }, { signal: controller.signal });
    expect(await value).toEqual({ id: 1 });
    controller.abort('late');
    expect(await value).toEqual({ id: 1 });
  });

  it('reaches a real fetch, which closes the connection', async () => {
    vi.useRealTimers();
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const controller = new AbortController();
    await using server = await serve((request) => {
      request.socket.on('close', () => closed?.());
      controller.abort('enough');
    });
    const finapi = clientOf({ fetch: (url, init) => fetch(url, init), sent: [] }, { baseUrl: server.url });
    expect(await rejectionOf(finapi.banks.getBank({ id: 1 }, { signal: controller.signal }))).toBe('enough');
    await gone;
  });
});

/** Every way in which an error can end up in a log, its causes included. */
function everythingOf(error: unknown): readonly string[] {
  const shown: string[] = [];
  for (let it = error, depth = 0; it !== undefined && depth < 10; it = it instanceof Error ? it.cause : undefined, depth++) {
    shown.push(String(it), inspect(it, { depth: null, showHidden: true }), JSON.stringify(it) ?? '');
    const clone: unknown = structuredClone(it);
    shown.push(String(clone), inspect(clone, { depth: null, showHidden: true }), JSON.stringify(clone) ?? '');
    if (it instanceof Error)
      shown.push(it.message, it.stack ?? '', JSON.stringify(Object.getOwnPropertyNames(it).map((name) => [name, Reflect.get(it, name)])));
  }
  return shown;
}

describe('no secret shows in an error', () => {
  const canary = 'cAnArY-+/=0815';
  const alice = { identity: 'user', token: canary } as const;
  const calls: readonly (readonly [string, (answer: Answer) => PromiseLike<unknown>])[] = [
    ['the bearer of a user', (answer) => userOf(recorder(answer), { retry: false }, alice).accounts.getAccount({ id: 1 })],
    [
      'the bearer of the client',
      (answer) =>
        clientOf(recorder(answer), {
          retry: false,
          auth: { client: { identity: 'client', token: canary } },
        }).clientConfiguration.getClientConfiguration(),
    ],
    [
      'the secret of the client',
      (answer) =>
        clientOf(recorder(answer)).authorization.getToken({ grant_type: 'client_credentials', client_id: 'id', client_secret: canary }),
    ],
    [
      'a password',
      (answer) =>
        clientOf(recorder(answer)).authorization.getToken({
          grant_type: 'password',
          client_id: 'id',
          client_secret: 'other-secret',
          username: 'u',
          password: canary,
        }),
    ],
    [
      'a refresh token',
      (answer) =>
        clientOf(recorder(answer)).authorization.getToken({
          grant_type: 'refresh_token',
          client_id: 'id',
          client_secret: 'other-secret',
          refresh_token: canary,
        }),
    ],
    ['a token to void, in the query', (answer) => clientOf(recorder(answer)).authorization.revokeToken({ token: canary })],
    ['a PIN', (answer) => userOf(recorder(answer)).bankConnections.importBankConnection({ bankId: 1, bankingPin: canary })],
    [
      'a new password',
      (answer) =>
        clientOf(recorder(answer)).users.executePasswordChange({ userId: 'u', password: canary, passwordChangeToken: 'other-token' }),
    ],
  ];
  const echo = `Invalid access token: ${canary}`;
  const answers: readonly (readonly [string, Answer])[] = [
    ['an OAuth error that echoes it', json(401, { error: 'invalid_token', error_description: echo })],
    ['an OAuth error that has it for a code', json(400, { error: canary })],
    ['a TECHNICAL error that echoes it', json(400, errorMessage(entry('BAD_REQUEST', 'TECHNICAL', `what is ${canary}?`)))],
    ['a BUSINESS error that echoes it', json(422, errorMessage(entry('BAD_REQUEST', 'BUSINESS', echo)))],
    ['an error whose code echoes it', json(403, errorMessage(entry(`X ${canary}`)))],
    ['HTML that echoes it', text(502, `<p>${canary}</p>`)],
    ['an unreadable success that echoes it', text(500, `{"x":"${canary}`, 'application/json')],
    ['a redirect that echoes it', bare(302, { location: `https://evil.example/?t=${canary}` })],
    [
      'a network error that quotes the URL',
      new TypeError(`cannot fetch ${baseUrl}/oauth/revoke?token=${encodeURIComponent(canary)} ${canary}`),
    ],
    [
      'a network error with such a cause',
      new TypeError('fetch failed', { cause: Object.assign(new Error(`at ${canary}`), { url: canary, code: canary }) }),
    ],
  ];

  describe.each(calls)('%s', (_, call) => {
    it.each(answers)('with %s', async (_, answer) => {
      for (const shown of everythingOf(await rejectionOf(call(answer)))) {
        expect(shown).not.toContain(canary);
        expect(shown).not.toContain(encodeURIComponent(canary));
      }
    });

    it('in the parsed body and its entries either', async () => {
      const error = await failureOf(
        call(json(400, { ...errorMessage(entry('X', 'BUSINESS', `is ${canary} right?`)), endpoint: `GET /x?token=${canary}` })),
        FinapiError,
      );
      expect(JSON.stringify([error.body, error.errors])).not.toContain(canary);
      expect(at(error.errors, 0).message).toBe('is [masked] right?');
    });
  });

  it('in a 401 that echoes a token which was not even sent', async () => {
    const error = await errorOf(json(401, { error: 'invalid_token', error_description: echo }));
    expect(at(error.errors, 0)).toEqual({ code: 'invalid_token', message: 'Invalid access token: [masked]' });
    expect(JSON.stringify(error.body)).not.toContain(canary);
  });

  it('with quotation marks or backslashes in it, as JSON writes them', async () => {
    const password = 'quo"te\\back';
    const error = await failureOf(
      clientOf(recorder(json(400, errorMessage(entry('X', 'TECHNICAL', `is ${password} right?`))))).authorization.getToken({
        grant_type: 'password',
        client_id: 'id',
        client_secret: 'ssss',
        password,
      }),
      FinapiError,
    );
    expect(at(error.errors, 0).message).toBe('is [masked] right?');
    expect(error.message).toContain('is [masked] right?');
  });

  it('in other escapes that JSON allows', async () => {
    // strings of the parsed value instead.
    const password = 'geheimnis/müll';
    const body = JSON.stringify(errorMessage(entry('X', 'TECHNICAL', `is ${password} right?`)))
      .replace('ü', '\\u00fc')
      .replace('s/m', 's\\/m');
    const error = await failureOf(
      clientOf(recorder(text(400, body, 'application/json'))).authorization.getToken({
        grant_type: 'password',
        client_id: 'id',
        client_secret: 'ssss',
        password,
      }),
      FinapiError,
    );
    expect(error.message).not.toContain(password);
  });

  it('as the URL writes it, in the endpoint that finAPI names', async () => {
    const answer = json(400, { ...errorMessage(), endpoint: `POST /oauth/revoke?token=${encodeURIComponent(canary)}` });
    const error = await failureOf(clientOf(recorder(answer)).authorization.revokeToken({ token: canary }), FinapiError);
    expect(JSON.stringify(error.body)).not.toContain(encodeURIComponent(canary));
  });

  it.each<[string, (answer: Answer) => PromiseLike<unknown>]>([
    [
      'a login credential',
      (answer) =>
        userOf(recorder(answer)).bankConnections.importBankConnection({ bankId: 1, loginCredentials: [{ label: 'PIN', value: canary }] }),
    ],
    ['a TAN', (answer) => userOf(recorder(answer)).bankConnections.importBankConnection({ bankId: 1, challengeResponse: canary })],
    [
      'a TAN within',
      (answer) =>
        userOf(recorder(answer)).bankConnections.importBankConnection({
          bankId: 1,
          multiStepAuthentication: { hash: 'h', challengeResponse: canary },
        }),
    ],
    ['a TAN of an order', (answer) => userOf(recorder(answer)).accounts.executeSepaMoneyTransfer({ accountId: 1, bankingTan: canary })],
    [
      'a private key',
      (answer) =>
        clientOf(recorder(answer)).admin.tppCertificates.createNewCertificate({
          type: 'QWAC',
          publicKey: 'k',
          privateKey: canary,
          label: 'l',
        }),
    ],
    [
      'the passphrase of a key',
      (answer) =>
        clientOf(recorder(answer)).admin.tppCertificates.createNewCertificate({
          type: 'QWAC',
          publicKey: 'k',
          privateKey: 'other',
          passphrase: canary,
          label: 'l',
        }),
    ],
    [
      'an API key',
      (answer) =>
        clientOf(recorder(answer)).admin.tppCredentials.createTppCredential({ tppAuthenticationGroupId: 1, label: 'l', tppApiKey: canary }),
    ],
    [
      'a bearer in the headers of the call',
      (answer) => clientOf(recorder(answer)).banks.getBank({ id: 1 }, { headers: { authorization: `Bearer ${canary}` } }),
    ],
    ['a PIN of three digits', (answer) => userOf(recorder(answer)).bankConnections.importBankConnection({ bankId: 1, bankingPin: '0é1' })],
  ])('as %s either', async (name, call) => {
    const secret = name.includes('three') ? '0é1' : canary;
    const error = await failureOf(call(json(400, errorMessage(entry('X', 'TECHNICAL', `what is ${secret}?`)))), FinapiError);
    expect(error.message).toContain('what is');
    expect(error.message).not.toContain(secret);
  });

  it.each(['null', 'true', 'errors', 'message'])('and masking the password %s does not spoil the rest of the answer', async (password) => {
    // or of image data) breaks the JSON or renames its keys: entries, challenge and body are lost. Mask the parsed strings instead.
    const body = { ...errorMessage(entry('X', 'TECHNICAL', 'some text')), flag: true };
    const error = await failureOf(
      clientOf(recorder(json(400, body))).authorization.getToken({
        grant_type: 'password',
        client_id: 'id',
        client_secret: 'ssss',
        password,
      }),
      FinapiError,
    );
    expect(error.errors).toMatchObject([{ code: 'X', message: 'some text' }]);
  });

  it('in the complaint about a token with a line break', async () => {
    for (const token of [`${canary}\n`, `${canary}\r\nX-Evil: 1`, ` ${canary}`, `${canary} `, `${canary}ä`, `\u0000${canary}`]) {
      const calls = recorder();
      const error = await failureOf(userOf(calls, {}, { identity: 'user', token }).accounts.getAccount({ id: 1 }), FinapiError);
      expect(error.code).toBe('MISSING_TOKEN');
      for (const shown of everythingOf(error)) expect(shown).not.toContain(canary);
      expect(calls.sent).toEqual([]);
    }
  });

  it('in the complaint about an argument', async () => {
    const { bankConnections } = userOf(recorder());
    const cycle: { bankId: number; bankingPin: string; self?: unknown } = { bankId: 1, bankingPin: canary };
    cycle.self = cycle;
    for (const shown of everythingOf(await rejectionOf(bankConnections.importBankConnection(cycle)))) expect(shown).not.toContain(canary);
    for (const shown of everythingOf(
      await rejectionOf(clientOf(recorder()).authorization.revokeToken({ token: { value: canary } as unknown as string })),
    ))
      expect(shown).not.toContain(canary);
  });
});

describe('errors of a call that nobody awaits but by answer()', () => {
  it.each<[string, Answer]>([
    ['a declared status', json(404, errorMessage())],
    ['a network error', new TypeError('broken')],
    ['an unreadable success', text(200, '<html>')],
  ])('are no unhandled rejections with %s', async (_, answer) => {
    const unhandled = await unhandledDuring(async () => {
      await userOf(recorder(answer), { retry: false }).accounts.getAccount({ id: 1 }).answer();
      await userOf(recorder(answer), { retry: false }).transactions.getAndSearchAllTransactions({ view: 'userView' }).answer();
    });
    expect(unhandled).toEqual([]);
  });

  it('are no unhandled rejections with an abort or a missing token', async () => {
    const unhandled = await unhandledDuring(async () => {
      await userOf(recorder())
        .accounts.getAccount({ id: 1 }, { signal: AbortSignal.abort('enough') })
        .answer();
      await clientOf(recorder(), { auth: {} }).banks.getBank({ id: 1 }).answer();
      await userOf(recorder()).accounts.getAccount({ id: Number.NaN }).answer();
    });
    expect(unhandled).toEqual([]);
  });

  it('are unhandled where nobody looks, as those of any promise', async () => {
    const unhandled = await unhandledDuring(async () => {
      userOf(recorder(json(404, errorMessage()))).accounts.getAccount({ id: 1 });
    });
    expect(unhandled).toHaveLength(1);
    expect(only(unhandled)).toBeInstanceOf(FinapiError);
  });
});

describe('an error', () => {
  it('tells the classes of steps from those of failures', async () => {
    const failure = await errorOf(json(500, errorMessage()));
    expect(failure).not.toBeInstanceOf(AuthenticationRequiredError);
    expect(failure).not.toBeInstanceOf(WebFormRequiredError);
  });

  it('is thrown by every call anew', async () => {
    const alice = userOf(recorder(json(404, errorMessage())));
    expect(await rejectionOf(alice.accounts.getAccount({ id: 1 }))).not.toBe(await rejectionOf(alice.accounts.getAccount({ id: 1 })));
  });

  it('does not hold a token, even where its properties are asked one by one', async () => {
    const answer = json(403, errorMessage(entry('X', 'BUSINESS', `no to ${clientToken.token}`)));
    const error = await failureOf(clientOf(recorder(answer)).clientConfiguration.getClientConfiguration(), FinapiError);
    expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(clientToken.token);
  });
});
