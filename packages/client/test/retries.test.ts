// When a call is repeated, after how long, and with what.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallOptions, FinapiError, type RetryOptions } from '../src/index.js';
import { type Answer, at, bare, clientOf, errorMessage, json, type Recorder, recorder, rejectionOf, settled, userOf } from './support.js';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 9, 0, 0) }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const broken = new TypeError('fetch failed');
type Kind = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'token';
const kinds: readonly Kind[] = ['GET', 'POST', 'PATCH', 'DELETE', 'token'];

/** A call of a kind, by a user or, for tokens, by the client. */
function start(kind: Kind, calls: Recorder, retry?: RetryOptions | false, options: CallOptions = {}): Promise<unknown> {
  const client = retry === undefined ? {} : { retry };
  const { accounts, labels } = userOf(calls, client);
  switch (kind) {
    case 'GET':
      return accounts.getAccount({ id: 1 }, options);
    case 'POST':
      return labels.createLabel({ name: 'x' }, options);
    case 'PATCH':
      return accounts.editAccount({ id: 1, accountName: 'x' }, options);
    case 'DELETE':
      return accounts.deleteAccount({ id: 1 }, options);
    case 'token':
      return clientOf(calls, client).authorization.getToken(
        { grant_type: 'client_credentials', client_id: 'i', client_secret: 's' },
        options,
      );
  }
}

/** What becomes of a call when all pauses are over: its value or error, the requests, and the milliseconds that it took. */
async function outcome(
  call: Promise<unknown>,
  calls: Recorder,
): Promise<{ readonly value: unknown; readonly requests: number; readonly ms: number }> {
  const start = Date.now();
  let ms = -1;
  const value = call
    .catch((error: unknown) => error)
    .finally(() => {
      ms = Date.now() - start;
    });
  await vi.runAllTimersAsync();
  return { value: await value, requests: calls.sent.length, ms };
}

const run = (kind: Kind, answers: readonly Answer[], retry?: RetryOptions | false, options?: CallOptions) => {
  const calls = recorder(...answers);
  return outcome(start(kind, calls, retry, options), calls);
};

const uncertain: readonly (readonly [string, Answer, string])[] = [
  ['a broken connection', broken, 'NETWORK'],
  ['502', bare(502), 'UNAVAILABLE'],
  ['503', bare(503), 'UNAVAILABLE'],
  ['504', bare(504), 'UNAVAILABLE'],
];

describe.each(uncertain)('after %s', (_, answer, code) => {
  it('a GET is repeated until it succeeds', async () => {
    expect(await run('GET', [answer, answer, json(200, { id: 1 })])).toMatchObject({ value: { id: 1 }, requests: 3 });
  });

  it('a GET is given up after three attempts, with the last error', async () => {
    expect(await run('GET', [answer])).toMatchObject({ value: { code }, requests: 3 });
  });

  it.each([1, 2, 5])('a GET is given up after %i attempts where so many are set', async (attempts) => {
    expect(await run('GET', [answer], { attempts })).toMatchObject({ value: { code }, requests: attempts });
  });

  it.each(kinds.filter((kind) => kind !== 'GET'))('a %s is not repeated, since finAPI may have acted', async (kind) => {
    expect(await run(kind, [answer, json(200, {})], { attempts: 5 })).toMatchObject({ value: { code }, requests: 1, ms: 0 });
  });

  it('a GET is not repeated with retry: false, of the client or of the call', async () => {
    expect((await run('GET', [answer], false)).requests).toBe(1);
    expect((await run('GET', [answer], { attempts: 5 }, { retry: false })).requests).toBe(1);
  });
});

it.each([400, 401, 403, 404, 418, 422, 423, 429, 451, 500, 501, 510, 302])('after %i a GET is not repeated', async (status) => {
  expect(await run('GET', [json(status, {})], { attempts: 5 })).toMatchObject({ value: { status }, requests: 1, ms: 0 });
});

it('after an unreadable success a GET is not repeated', async () => {
  expect(await run('GET', [bare(200)])).toMatchObject({ value: { code: 'UNREADABLE_ANSWER' }, requests: 1 });
});

it('after a time-out a GET is repeated and a POST is not', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const silence = (): Promise<Response> => new Promise(() => {});
  expect(await run('GET', [silence], undefined, { timeoutMs: 100 })).toMatchObject({ value: { code: 'TIMEOUT' }, requests: 3, ms: 300 });
  expect(await run('POST', [silence], undefined, { timeoutMs: 100 })).toMatchObject({ value: { code: 'TIMEOUT' }, requests: 1, ms: 100 });
});

it('a mixture of failures counts as attempts of one call', async () => {
  expect(await run('GET', [broken, bare(502), bare(404)])).toMatchObject({ value: { status: 404 }, requests: 3 });
});

describe('429 with Retry-After', () => {
  it.each(kinds)('repeats a %s after exactly the seconds that it names', async (kind) => {
    const { requests, ms, value } = await run(kind, [bare(429, { 'retry-after': '7' }), json(200, { id: 1 })]);
    expect({ requests, ms }).toEqual({ requests: 2, ms: 7000 });
    expect(value).not.toBeInstanceOf(Error);
  });

  it('waits until the date that it names', async () => {
    expect(await run('POST', [bare(429, { 'retry-after': 'Tue, 24 Nov 2026 09:00:12 GMT' }), json(200, {})])).toMatchObject({
      requests: 2,
      ms: 12_000,
    });
  });

  it('does not wait for a date that is past, nor for zero seconds', async () => {
    expect(await run('POST', [bare(429, { 'retry-after': 'Tue, 24 Nov 2026 08:00:00 GMT' }), json(200, {})])).toMatchObject({
      requests: 2,
      ms: 0,
    });
    expect(await run('POST', [bare(429, { 'retry-after': '0' }), json(200, {})])).toMatchObject({ requests: 2, ms: 0 });
  });

  it('is waited for up to a minute unless set, and given up beyond it', async () => {
    expect(await run('GET', [bare(429, { 'retry-after': '60' }), json(200, {})])).toMatchObject({ requests: 2, ms: 60_000 });
    expect(await run('GET', [bare(429, { 'retry-after': '61' }), json(200, {})])).toMatchObject({
      value: { code: 'RATE_LIMITED', retryAfterMs: 61_000 },
      requests: 1,
      ms: 0,
    });
  });

  it('is given up beyond maxRetryAfterMs, which is that of the call over that of the client', async () => {
    const answers = [bare(429, { 'retry-after': '5' }), json(200, {})];
    expect(await run('GET', answers, { maxRetryAfterMs: 4999 })).toMatchObject({ value: { code: 'RATE_LIMITED' }, requests: 1 });
    expect(await run('GET', answers, { maxRetryAfterMs: 5000 })).toMatchObject({ requests: 2, ms: 5000 });
    expect(await run('GET', answers, { maxRetryAfterMs: 5000 }, { retry: { maxRetryAfterMs: 1000 } })).toMatchObject({ requests: 1 });
  });

  it('is given up after as many attempts as are set', async () => {
    expect(await run('DELETE', [bare(429, { 'retry-after': '1' })], { attempts: 4 })).toMatchObject({
      value: { code: 'RATE_LIMITED' },
      requests: 4,
      ms: 3000,
    });
  });

  it('is not repeated with retry: false', async () => {
    expect(await run('GET', [bare(429, { 'retry-after': '1' })], false)).toMatchObject({ value: { code: 'RATE_LIMITED' }, requests: 1 });
  });

  it.each(['', ' ', 'soon', 'NaN'])('that says %j is none, and the call is not repeated', async (value) => {
    expect(await run('GET', [bare(429, { 'retry-after': value })])).toMatchObject({
      value: { code: 'RATE_LIMITED', retryAfterMs: undefined },
      requests: 1,
      ms: 0,
    });
  });

  it('is waited for where it is longer than a timer can be, and not turned into no pause at all', async () => {
    const calls = recorder(bare(429, { 'retry-after': '3000000' }));
    const call = start('GET', calls, { maxRetryAfterMs: Number.POSITIVE_INFINITY });
    call.catch(() => {});
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls.sent).toHaveLength(1);
  });
});

it.each(kinds)('429 without Retry-After does not repeat a %s', async (kind) => {
  expect(await run(kind, [bare(429), json(200, {})], { attempts: 5 })).toMatchObject({
    value: { code: 'RATE_LIMITED' },
    requests: 1,
    ms: 0,
  });
});

it('503 with Retry-After waits exactly that, for a GET alone', async () => {
  expect(await run('GET', [bare(503, { 'retry-after': '3' }), json(200, {})])).toMatchObject({ requests: 2, ms: 3000 });
  expect(await run('POST', [bare(503, { 'retry-after': '3' }), json(200, {})])).toMatchObject({
    value: { code: 'UNAVAILABLE' },
    requests: 1,
  });
  expect(await run('GET', [bare(503, { 'retry-after': '3600' }), json(200, {})])).toMatchObject({
    value: { code: 'UNAVAILABLE' },
    requests: 1,
  });
});

describe('423', () => {
  const data = kinds.filter((kind) => kind !== 'token');

  it.each(kinds)('does not repeat a %s unless asked for', async (kind) => {
    expect(await run(kind, [json(423, errorMessage())], { attempts: 5 })).toMatchObject({ value: { code: 'LOCKED' }, requests: 1, ms: 0 });
  });

  it.each(data)('repeats a %s with retry.locked', async (kind) => {
    const { requests, value } = await run(kind, [bare(423), bare(423), json(200, {})], { locked: true });
    expect(requests).toBe(3);
    expect(value).not.toBeInstanceOf(Error);
  });

  it('never repeats the token operations, where it means that the user is locked', async () => {
    expect(await run('token', [json(423, errorMessage())], { locked: true })).toMatchObject({ value: { code: 'LOCKED' }, requests: 1 });
    const calls = recorder(json(423, errorMessage()));
    const revoked = clientOf(calls, { retry: { locked: true } }).authorization.revokeToken({ token: 'x' });
    expect(await outcome(revoked, calls)).toMatchObject({ value: { code: 'LOCKED' }, requests: 1 });
  });

  it('waits as long as Retry-After says, where it does', async () => {
    expect(await run('POST', [bare(423, { 'retry-after': '4' }), json(200, {})], { locked: true })).toMatchObject({
      requests: 2,
      ms: 4000,
    });
  });
});

describe('pauses', () => {
  const pausesWith = async (random: number, answers: readonly Answer[], retry?: RetryOptions): Promise<number[]> => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const times: number[] = [];
    const calls = recorder(
      ...answers.map((answer) => () => {
        times.push(Date.now());
        if (answer instanceof Error) throw answer;
        return answer instanceof Response ? answer.clone() : json(200, {});
      }),
    );
    await outcome(start('GET', calls, retry), calls);
    return times.slice(1).map((time, i) => time - at(times, i));
  };

  it('may be none at all', async () => {
    expect(await pausesWith(0, [broken, broken, broken, broken], { attempts: 4 })).toEqual([0, 0, 0]);
  });

  it('are below 500 ms at first, and double', async () => {
    expect(await pausesWith(1 - 2 ** -53, Array(4).fill(broken), { attempts: 4 })).toEqual(
      [499, 999, 1999].map((ms) => expect.closeTo(ms, -1)),
    );
    const pauses = await pausesWith(0.5, Array(4).fill(broken), { attempts: 4 });
    expect(pauses).toEqual([250, 500, 1000]);
  });

  it('do not grow beyond 8 seconds', async () => {
    expect(await pausesWith(0.5, Array(8).fill(bare(503)), { attempts: 8 })).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  });

  it('have the bounds that are set', async () => {
    expect(await pausesWith(0.5, Array(5).fill(bare(503)), { attempts: 5, baseDelayMs: 100, maxDelayMs: 300 })).toEqual([
      50, 100, 150, 150,
    ]);
  });

  it('are drawn anew each time', async () => {
    const random = vi.spyOn(Math, 'random');
    for (const value of [0.1, 0.9]) random.mockReturnValueOnce(value);
    const calls = recorder(broken);
    expect((await outcome(start('GET', calls), calls)).ms).toBe(50 + 900);
  });
});

describe('options of repeating', () => {
  it('of the call win over those of the client', async () => {
    expect((await run('GET', [broken], { attempts: 2 }, { retry: { attempts: 4 } })).requests).toBe(4);
    expect((await run('GET', [broken], false, { retry: { attempts: 2 } })).requests).toBe(2);
    expect((await run('GET', [broken], { attempts: 2 }, { retry: {} })).requests).toBe(3);
  });

  it.each<[string, number]>([
    ['NaN', Number.NaN],
    ['zero', 0],
    ['a negative number', -1],
    ['half an attempt', 0.5],
  ])('refuse %s for the number of attempts', async (_, attempts) => {
    expect(() => userOf(recorder(), { retry: { attempts } })).toThrow(FinapiError);
  });

  it('take undefined for a value that is not set', async () => {
    const calls = recorder(broken);
    const controller = new AbortController();
    const call = start('GET', calls, { attempts: undefined as unknown as number }, { signal: controller.signal });
    call.catch(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    controller.abort();
    expect(calls.sent).toHaveLength(3);
  });
});

describe('every attempt', () => {
  it('has the same request id, whether made or given', async () => {
    for (const options of [{}, { requestId: 'given' }]) {
      const calls = recorder(broken);
      await outcome(start('GET', calls, undefined, options), calls);
      const ids = new Set(calls.sent.map(({ headers }) => headers['x-request-id']));
      expect(ids.size).toBe(1);
      expect(calls.sent).toHaveLength(3);
    }
  });

  it('has the same URL, headers and body', async () => {
    const calls = recorder(bare(429, { 'retry-after': '1' }), bare(429, { 'retry-after': '1' }), json(201, {}));
    await outcome(start('POST', calls), calls);
    const [first, ...others] = calls.sent.map(({ method, url, headers, body }) => ({ method, url: url.href, headers, body }));
    expect(first?.body).toBe('{"name":"x"}');
    expect(others).toEqual([first, first]);
  });

  it('has a signal of its own', async () => {
    const calls = recorder(broken);
    await outcome(start('GET', calls), calls);
    expect(new Set(calls.sent.map(({ signal }) => signal)).size).toBe(3);
  });
});

/** A signal that counts its listeners. */
function counted(): { readonly controller: AbortController; readonly listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const held = new Set<unknown>();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void => {
    held.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    held.delete(listener);
    remove(type, listener);
  };
  return { controller, listeners: () => held.size };
}

describe('the signal of the caller', () => {
  it.each<[string, readonly Answer[]]>([
    ['a success', [json(200, { id: 1 })]],
    ['a failure', [json(404, {})]],
    ['a broken connection', [broken]],
    ['pauses and a success', [broken, bare(503), json(200, {})]],
    ['a refused token', [json(401, {})]],
  ])('has no listener of ours left after %s', async (_, answers) => {
    const { controller, listeners } = counted();
    const calls = recorder(...answers);
    await outcome(start('GET', calls, undefined, { signal: controller.signal }), calls);
    expect(listeners()).toBe(0);
  });

  it('has no listener of ours left after a source has given a token', async () => {
    const { controller, listeners } = counted();
    let tokens = 0;
    const user = { identity: 'user', get: async () => `token-${++tokens}`, reject: () => {} } as const;
    await userOf(recorder(json(401, {}), json(200, {})), {}, user).accounts.getAccount({ id: 1 }, { signal: controller.signal });
    expect(listeners()).toBe(0);
  });

  it('has a listener while a call is under way, or the counts above say nothing', async () => {
    const { controller, listeners } = counted();
    const call = start(
      'GET',
      recorder(() => new Promise(() => {})),
      undefined,
      { signal: controller.signal },
    );
    await settled();
    expect(listeners()).toBe(1);
    controller.abort('enough');
    expect(await rejectionOf(call)).toBe('enough');
  });

  it('ends a pause at once and leaves no timer', async () => {
    const calls = recorder(bare(429, { 'retry-after': '50' }));
    const controller = new AbortController();
    const rejected = rejectionOf(start('POST', calls, undefined, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(1000);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    expect({ timers: vi.getTimerCount(), requests: calls.sent.length, now: Date.now() }).toEqual({
      timers: 0,
      requests: 1,
      now: Date.UTC(2026, 10, 24, 9, 0, 1),
    });
  });

  it('ends the call at once where it is aborted as the answer comes, before the pause', async () => {
    const controller = new AbortController();
    const fetch = async (): Promise<Response> => {
      controller.abort('enough');
      return bare(429, { 'retry-after': '50' });
    };
    expect(await rejectionOf(start('POST', { fetch, sent: [] }, undefined, { signal: controller.signal }))).toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends the call where it is aborted as the pause ends', async () => {
    const calls = recorder(bare(429, { 'retry-after': '1' }), json(200, {}));
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 1000);
    const rejected = rejectionOf(start('POST', calls, undefined, { signal: controller.signal }));
    await vi.runAllTimersAsync();
    expect(await rejected).toBe('enough');
  });
});

it('no timer is left after any call', async () => {
  for (const answers of [[json(200, {})], [broken], [bare(503), json(200, {})], [bare(429, { 'retry-after': '1' })]]) {
    const calls = recorder(...answers);
    await outcome(start('GET', calls), calls);
    expect(vi.getTimerCount()).toBe(0);
  }
});
