// What the tests share: finAPI as a small `fetch` that answers from a table and records what was sent.
import { createTestClock, type TestClock } from '@finapi-ts/testing';
import { access } from '../src/access.js';
import { accessV1 } from '../src/access-v1.js';
import { createFinapi, type Finapi, type FinapiOptions } from '../src/index.js';
import { webForm } from '../src/web-form.js';

/** A request as it left the client. */
export interface Sent {
  readonly host: string;
  /** Method and path, without the query. */
  readonly call: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer: string | undefined;
  /** Parsed, of a form or of JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** When it was sent, by the test's clock, in milliseconds since its start. */
  readonly at: number;
}

/** A body, an answer, an error to reject with, or a way to one of them. */
type Answer = object | Response | Error | ((sent: Sent) => object | Response | Error | Promise<object>);

/** Answers by call. A list is given in turn, its last one again and again. */
export type Table = Readonly<Record<string, Answer | readonly Answer[]>>;

export interface Fake {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sent: readonly Sent[];
  /** Those of one call. */
  calls(call: string): readonly Sent[];
  readonly clock: TestClock;
}

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

export const empty = (status = 200): Response => new Response(null, { status });

/** finAPI's error answer, with the one entry. */
export const failure = (status: number, code = 'SOMETHING', more: object = {}): Response =>
  json(status, { errors: [{ code, type: 'TECHNICAL', message: 'out of order', ...more }], date: '2026-03-30T12:00:00Z' });

/** Never answers; ends with the call's signal alone. */
export const silence = (): Promise<object> => new Promise<object>(() => {});

/** Tokens by grant and user, for both versions of Access: `token-of-the-client`, `token-of-alice`. */
const tokens: Table = Object.fromEntries(
  ['/oauth', '/api/v2/oauth'].flatMap((path): [string, Answer][] => [
    [
      `POST ${path}/token`,
      ({ body }) => {
        const name = body.username ?? body.client_id;
        const token = { access_token: `token-of-${name}`, token_type: 'bearer', expires_in: 3600, scope: 'all' };
        return body.grant_type === 'password' ? { ...token, refresh_token: `refresh-of-${name}` } : token;
      },
    ],
    [`POST ${path}/revoke`, () => empty()],
  ]),
);

export function fake(table: Table = {}, clock: TestClock = createTestClock()): Fake {
  const sent: Sent[] = [];
  const answers: Table = { ...tokens, ...table };
  const calls = (call: string): Sent[] => sent.filter((it) => it.call === call);
  const fetch = async (address: string, init: RequestInit): Promise<Response> => {
    init.signal?.throwIfAborted();
    const url = new URL(address);
    const headers = Object.fromEntries(new Headers(init.headers));
    const text = typeof init.body === 'string' ? init.body : init.body instanceof URLSearchParams ? String(init.body) : '';
    const request: Sent = {
      host: url.host,
      call: `${init.method ?? 'GET'} ${url.pathname}`,
      query: url.searchParams,
      headers,
      bearer: headers.authorization?.replace(/^Bearer /, ''),
      body: text === '' ? {} : headers['content-type']?.includes('json') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text)),
      at: clock.monotonic(),
    };
    sent.push(request);
    const listed = answers[request.call];
    if (listed === undefined) throw new Error(`the test has no answer for ${request.call}`);
    const all = (Array.isArray(listed) ? listed : [listed]) as readonly Answer[];
    const answer = all[Math.min(calls(request.call).length, all.length) - 1] as Answer;
    const given = typeof answer === 'function' ? ended(Promise.resolve(answer(request)), init.signal) : answer;
    const value = await given;
    if (value instanceof Error) throw value;
    return value instanceof Response ? value.clone() : json(200, value);
  };
  return { fetch, sent, calls, clock };
}

function ended<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

const all = { access, accessV1, webForm };

/** An application with all APIs on the fake. */
export function finapiOn({ fetch, clock }: Fake, options: Partial<FinapiOptions<typeof all>> = {}): Finapi<typeof all> {
  return createFinapi({ environment: 'sandbox', clientId: 'household', clientSecret: 'secret', apis: all, fetch, clock, ...options });
}

/** Alice of that application. */
export const aliceOn = (it: Fake): ReturnType<Finapi<typeof all>['user']> => finapiOn(it).user('alice', { password: 'a-long-password' });

/** What a promise rejects with; complains where it does not. */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error('expected a rejection');
}

/** What a promise rejects with, as an instance of a class. */
export async function failureOf<T>(promise: PromiseLike<unknown>, kind: abstract new (...args: never[]) => T): Promise<T> {
  const reason = await rejectionOf(promise);
  if (reason instanceof kind) return reason;
  throw new Error(`expected a ${kind.name}, got ${String(reason)}`);
}

/** Lets time pass until a flow has ended, an hour at most. */
export async function played<T>(clock: TestClock, flow: Promise<T>): Promise<T> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  flow.then(end, end);
  await clock.advance(0);
  for (let minutes = 0; !ended && minutes < 60; minutes++) await clock.advance(60_000);
  if (!ended) throw new Error('the flow did not end within an hour');
  return flow;
}

/** Seconds at which a call was made. */
export const secondsOf = (it: Fake, call: string): number[] => it.calls(call).map(({ at }) => at / 1000);

/** A `fetch` that breaks, as when the connection is reset. */
export const broken = (): Error => new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
