// Options of a client, checked once.
import type { TokenProvider } from './auth.js';
import { FinapiError } from './errors.js';
import { type RetryOptions, type RetryPolicy, retryPolicy } from './retry.js';
import type { Language, PsuMetadata } from './types.js';
import { version } from './version.js';

/** Set to `true` to allow plain http to other hosts than this machine. Tokens and secrets then travel readable. */
export const allowInsecureHttp: unique symbol = Symbol.for('finapi-ts.allowInsecureHttp');

/** A request on its way through the middleware. It never holds the bearer token: that is added behind all of it. */
export interface ClientRequest {
  readonly operationId: string;
  readonly method: string;
  /** Path template of the operation. */
  readonly path: string;
  /** From 1; a call is repeated where that is safe. */
  readonly attempt: number;
  readonly url: string;
  /** Names in lower case. An `authorization` set here is respected. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** Sees every attempt of every call. Pass the request, or a changed copy of it, to `next`. */
export type Middleware = (request: ClientRequest, next: (request: ClientRequest) => Promise<Response>) => Promise<Response>;

export interface ClientOptions {
  /** `https://sandbox.finapi.io`, `https://live.finapi.io`, or a proxy of yours: scheme, host, and a path where there is one. */
  readonly baseUrl: string;
  /** Tokens of the client and the admin client. Users' tokens come with `as(user)`. */
  readonly auth?: TokenProvider;
  /** Used in place of the global `fetch`: for a proxy, a test, an agent of your own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds that one attempt may take, its body included. 65000 unless set: finAPI's gateway ends a call after about 60 seconds. */
  readonly timeoutMs?: number;
  /** When to repeat a call that failed; `false` for never. */
  readonly retry?: RetryOptions | false;
  readonly language?: Language;
  readonly psu?: PsuMetadata;
  /** Put before the client's own `User-Agent`. Browsers do not send it. */
  readonly userAgent?: string;
  /** Send PATCH and DELETE as POST with `X-HTTP-Method-Override`, for networks that let only GET and POST pass. */
  readonly methodOverride?: boolean;
  /** Sees every attempt, the first one outermost. */
  readonly middleware?: readonly Middleware[];
  readonly [allowInsecureHttp]?: boolean;
}

/** Options with everything decided. */
export interface Settings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly origin: string;
  readonly auth: TokenProvider;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** Headers that every request has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly methodOverride: boolean;
  readonly middleware: readonly Middleware[];
}

export function settle(options: ClientOptions): Settings {
  const url = checkBaseUrl(options);
  const agent = `${options.userAgent === undefined ? '' : `${options.userAgent} `}finapi-ts/${version}`;
  const headers: Record<string, string> = { accept: 'application/json', ...contextHeaders(options) };
  // Browsers set their own; a header of this name would only cost a preflight.
  if (!('document' in globalThis)) headers['user-agent'] = checkHeader('userAgent', agent);
  return {
    baseUrl: url.href.replace(/\/+$/, ''),
    origin: url.origin,
    auth: options.auth ?? {},
    // Called late, so that a `fetch` replaced by a test or a tracer later on is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: checkTimeout(options.timeoutMs ?? 65_000),
    retry: retryPolicy(options.retry),
    headers,
    methodOverride: options.methodOverride ?? false,
    middleware: options.middleware ?? [],
  };
}

/** Headers of language and PSU metadata. */
export function contextHeaders({ language, psu }: { readonly language?: Language; readonly psu?: PsuMetadata }): Record<string, string> {
  const headers: Record<string, string> = {};
  if (language !== undefined) headers['accept-language'] = checkHeader('language', language);
  if (psu?.ipAddress !== undefined) headers['psu-ip-address'] = checkHeader('psu.ipAddress', psu.ipAddress);
  if (psu?.deviceOs !== undefined) headers['psu-device-os'] = checkHeader('psu.deviceOs', psu.deviceOs);
  if (psu?.userAgent !== undefined) headers['psu-user-agent'] = checkHeader('psu.userAgent', psu.userAgent);
  return headers;
}

/** `fetch` refuses line breaks and the like with a message that quotes the value; ours does not. */
export function checkHeader(name: string, value: string): string {
  if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new FinapiError('INVALID_ARGUMENT', `${name} cannot be sent as a header`);
  return value;
}

/** A name of a header in lower case, if it is one (RFC 9110, section 5.1). */
export function checkHeaderName(name: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw new FinapiError('INVALID_ARGUMENT', `${JSON.stringify(name)} is no name of a header`);
  return name.toLowerCase();
}

/** Timers take at most 2^31 - 1 ms; beyond it they fire at once. */
export function checkTimeout(timeoutMs: number): number {
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) throw new FinapiError('INVALID_ARGUMENT', 'timeoutMs must be from 1 to 2147483647');
  return timeoutMs;
}

function checkBaseUrl(options: ClientOptions): URL {
  let url: URL;
  try {
    url = new URL(options.baseUrl);
  } catch {
    throw new FinapiError('INVALID_ARGUMENT', 'baseUrl is not a URL; it looks like https://sandbox.finapi.io');
  }
  const local = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (local || options[allowInsecureHttp] === true))) {
    throw new FinapiError('INVALID_ARGUMENT', 'baseUrl must be https; http is for this machine, or with the option [allowInsecureHttp]');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || /[?#]/.test(options.baseUrl)) {
    throw new FinapiError('INVALID_ARGUMENT', 'baseUrl must hold neither user, password, query nor fragment');
  }
  return url;
}
