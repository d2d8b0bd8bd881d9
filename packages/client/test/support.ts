// What the tests of the client share: a `fetch` that keeps what was sent, clients over it, answers as finAPI gives them.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AccessV1, createAccessV1, type UserOperations } from '../src/generated/access-v1/index.js';
import type { ClientOptions, Credential } from '../src/index.js';

/** A request as it left the client. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  /** As it stands in the URL, encoded. */
  readonly path: string;
  /** Names and values, decoded, in their order. */
  readonly query: readonly (readonly [string, string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly redirect: string | undefined;
  readonly signal: AbortSignal;
}

/** An answer, a way to one, or an error to reject with. */
export type Answer = Response | Error | ((request: Sent) => Response | Promise<Response>);

export interface Recorder {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sent: readonly Sent[];
}

/** Gives the answers in turn, the last one again and again; an empty object where there are none. Ends with `init.signal`, as `fetch` does. */
export function recorder(...answers: readonly Answer[]): Recorder {
  const sent: Sent[] = [];
  const fetch = (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address);
    const signal = init.signal ?? new AbortController().signal;
    const request: Sent = {
      method: init.method ?? 'GET',
      url,
      path: url.pathname,
      query: [...url.searchParams],
      headers: Object.fromEntries(new Headers(init.headers)),
      body: textOf(init.body),
      redirect: init.redirect,
      signal,
    };
    sent.push(request);
    const answer = answers[Math.min(sent.length, answers.length) - 1] ?? json(200, {});
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (answer instanceof Error) reject(answer);
      else if (answer instanceof Response) resolve(answer.clone());
      else Promise.resolve(request).then(answer).then(resolve, reject);
    });
  };
  return { fetch, sent };
}

function textOf(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== 'string') throw new TypeError('the client sends text bodies alone');
  return body;
}

export const baseUrl = 'https://sandbox.finapi.io';
export const clientToken = { identity: 'client', token: 'token-of-the-client' } as const;
export const adminToken = { identity: 'admin', token: 'token-of-the-admin' } as const;
export const userToken = { identity: 'user', token: 'token-of-alice' } as const;

/** A client with tokens for everything. */
export function clientOf(calls: Recorder, options: Partial<ClientOptions> = {}): AccessV1 {
  return createAccessV1({ baseUrl, auth: { client: clientToken, admin: adminToken }, fetch: calls.fetch, ...options });
}

/** What a user can call. */
export function userOf(calls: Recorder, options: Partial<ClientOptions> = {}, user: Credential<'user'> = userToken): UserOperations {
  return clientOf(calls, options).as(user);
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

export function text(status: number, body: string, type = 'text/html', headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': type, ...headers } });
}

/** An answer without a body, of any status. */
export function bare(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers });
}

/** An entry of finAPI's error answer. */
export function entry(
  code: string,
  type: 'BUSINESS' | 'TECHNICAL' = 'TECHNICAL',
  message: string | null = 'out of order',
  multiStepAuthentication: object | null = null,
): object {
  return { message, code, type, multiStepAuthentication };
}

/** finAPI's error answer. */
export function errorMessage(...errors: readonly object[]): object {
  return {
    errors,
    date: '2026-11-24 09:30:00.000',
    requestId: 'finapi-made-this',
    endpoint: 'GET /somewhere',
    authContext: '1/2',
    bank: null,
  };
}

/** Never answers; ends with the call's signal alone. */
export const silence = (): Promise<Response> => new Promise<Response>(() => {});

/** An answer whose head comes and whose body does not, until the signal breaks it, as that of `fetch` does. */
export function stuckBody({ signal }: Sent): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"half":'));
      signal.addEventListener('abort', () => controller.error(signal.reason), { once: true });
    },
  });
  return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
}

/** The only element, or the one at `index`; complains where there is none. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list.at(index);
  if (item === undefined) throw new Error(`there is no element ${index} among ${list.length}`);
  return item;
}

export function only<T>(list: readonly T[]): T {
  if (list.length !== 1) throw new Error(`expected one element, there are ${list.length}`);
  return at(list, 0);
}

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

/** A promise with its ends outside. */
export function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Lets everything run that waits for promises alone. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 50; round++) await Promise.resolve();
}

/** A server on a free port of this machine; closed with all its connections at the end of the block that holds it by `await using`. */
export async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string; readonly server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Rejections that nobody handled while `act` ran, told to no one else. */
export async function unhandledDuring(act: () => Promise<void>): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const listener = (reason: unknown): void => void seen.push(reason);
  process.on('unhandledRejection', listener);
  try {
    await act();
    // Node tells of them when the microtasks of a turn have run.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}
