// One request to a token endpoint: no redirect, at most 64 KiB, within its time.
import { backgroundTimer, type Clock, systemClock } from './clock.js';
import { AuthError, type AuthErrorDetails, codeOf, type Grant, refusal } from './errors.js';
import type { Moment } from './policy.js';
import type { Preset } from './presets.js';

/** Set to `true` to allow plain http to other hosts than this machine. Tokens and secrets then travel readable. */
export const allowInsecureHttp: unique symbol = Symbol.for('finapi-ts.allowInsecureHttp');

/** Where finAPI is, and how it is reached. */
export interface EndpointOptions {
  /** `https://sandbox.finapi.io`, `https://live.finapi.io`, or a proxy of yours: scheme, host, and a path where there is one. */
  readonly baseUrl: string;
  /** The API whose token endpoints are used: `accessV1` or `accessV2`. */
  readonly preset: Preset;
  /** Used in place of the global `fetch`: for a proxy, a test, an agent of your own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds that one request may take, its body included. 10000 unless set. */
  readonly timeoutMs?: number;
  /** Sent with every request, such as a header that your proxy wants. An `Authorization` given here is never replaced. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time, for tests. */
  readonly clock?: Clock;
  readonly [allowInsecureHttp]?: boolean;
}

/** What one request can be told beside its grant. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** 1 to 255 printable ASCII characters; made where absent. */
  readonly requestId?: string | undefined;
}

/** Options with everything decided. */
export interface Endpoint {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly preset: Preset;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly timeoutMs: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** A success, its body read, and when and how it was asked for. */
export interface Answer {
  readonly text: string;
  readonly requestId: string;
  readonly status: number;
  readonly sent: Moment;
}

/** Beyond this an answer is no token: finAPI's have at most 8192 characters. */
const bodyCap = 65_536;

/** Timers take at most 2^31 - 1 ms; beyond it they fire at once. */
export const longestTimerMs = 0x7fffffff;

export const invalid = (message: string): AuthError => new AuthError('INVALID_ARGUMENT', message);

/** A copy that inherits nothing: what somebody put on `Object.prototype` must not end up in a request. */
export const bare = <T extends object>(object: T): T => Object.assign(Object.create(null), object);

export function settle(given: EndpointOptions): Endpoint {
  const options = bare(given);
  const { timeoutMs = 10_000, clock = systemClock, fetch, preset } = options;
  if (!(timeoutMs > 0 && timeoutMs <= longestTimerMs)) throw invalid(`timeoutMs must be from 1 to ${longestTimerMs}`);
  if (typeof preset?.tokenPath !== 'string') throw invalid('preset is missing; it is accessV1 or accessV2');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = header(`headers.${name}`, value);
  return {
    baseUrl: checkBaseUrl(options),
    preset,
    // Called late, so that a `fetch` replaced later on is used.
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMs,
    headers,
    clock,
  };
}

function checkBaseUrl(options: EndpointOptions): string {
  let url: URL;
  try {
    url = new URL(options.baseUrl);
  } catch {
    throw invalid('baseUrl is not a URL; it looks like https://sandbox.finapi.io');
  }
  const local = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (local || options[allowInsecureHttp] === true)))
    throw invalid('baseUrl must be https; http is for this machine, or with the option [allowInsecureHttp]');
  if (url.username !== '' || url.password !== '' || /[?#]/.test(options.baseUrl))
    throw invalid('baseUrl must hold neither user, password, query nor fragment');
  return url.href.replace(/\/+$/, '');
}

/** `fetch` refuses other values with a message that quotes them; ours does not. */
function header(name: string, value: string): string {
  if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw invalid(`${name} cannot be sent as a header`);
  return value;
}

export const momentOf = (clock: Clock): Moment => ({ now: clock.now(), monotonic: clock.monotonic() });

/**
 * Sends a form and reads the answer. Fails with an {@link AuthError} on every status but a success; an abort fails with the caller's
 * own reason.
 *
 * @param target path and query
 */
export async function post(
  endpoint: Endpoint,
  grant: Grant,
  target: string,
  form: Readonly<Record<string, string>> | undefined,
  bearer: string | undefined,
  options: RequestOptions,
): Promise<Answer> {
  const { signal, requestId: wanted } = bare(options);
  signal?.throwIfAborted();
  if (wanted !== undefined && !isRequestId(wanted)) throw invalid('requestId must be 1 to 255 printable ASCII characters');
  const requestId = wanted ?? crypto.randomUUID();
  const headers: Record<string, string> = bare({ accept: 'application/json', 'x-request-id': requestId });
  if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  Object.assign(headers, endpoint.headers);

  const { clock, timeoutMs } = endpoint;
  const sent = momentOf(clock);
  const controller = new AbortController();
  const timer = backgroundTimer(
    clock,
    () => controller.abort(new AuthError('TIMEOUT', `no complete answer within ${timeoutMs} ms`, { grant, requestId })),
    timeoutMs,
  );
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  // A `fetch` of others need not heed the signal.
  const ended = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason)));
  try {
    const init: RequestInit = bare({ method: 'POST', headers, redirect: 'manual', signal: controller.signal });
    if (form !== undefined) init.body = new URLSearchParams(form).toString();
    return await Promise.race([ended, exchange(endpoint.fetch(endpoint.baseUrl + target, init), grant, requestId, sent)]);
  } catch (cause) {
    if (controller.signal.aborted) throw controller.signal.reason;
    if (cause instanceof AuthError) throw cause;
    throw new AuthError('NETWORK', `no complete answer: ${nameOf(cause)}`, { grant, requestId });
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function exchange(pending: Promise<Response>, grant: Grant, sentId: string, sent: Moment): Promise<Answer> {
  const response = await pending;
  const { status } = response;
  const echoed = response.headers.get('x-request-id');
  const requestId = isRequestId(echoed) ? echoed : sentId;
  const details = { grant, status, requestId };
  if (status === 0 || (status >= 300 && status < 400) || response.redirected) {
    response.body?.cancel().catch(() => {});
    throw new AuthError('PROTOCOL', 'a redirect was answered; it is not followed, since it would carry the secret', details);
  }
  const text = await read(response, details);
  if (response.ok) return { text, requestId, status, sent };
  const code = codeOf(grant, status, errorIn(text));
  throw refusal(code, { ...details, retryAfterMs: retryAfterMs(response.headers.get('retry-after'), sent.now) });
}

/** The body as text. What is longer than the cap is not read to its end, however small it came compressed. */
async function read(response: Response, details: AuthErrorDetails): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > bodyCap) {
      reader.cancel().catch(() => {});
      throw new AuthError('PROTOCOL', `the answer is longer than ${bodyCap} bytes`, details);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** `error` of RFC 6749, if the body has one. */
function errorIn(text: string): string | undefined {
  const error = membersOf(text)?.['error'];
  return typeof error === 'string' ? error : undefined;
}

/** The members of a JSON object, its own alone; `undefined` for anything else. */
export function membersOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? bare(value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isRequestId = (id: unknown): id is string => typeof id === 'string' && /^[\x20-\x7e]{1,255}$/.test(id);

/** `Retry-After` (RFC 9110, section 10.2.3) in milliseconds: seconds or a date. */
function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What broke, by its code: messages of `fetch` implementations can quote the URL. */
function nameOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return cause instanceof Error && /^\w{1,40}$/.test(cause.name) ? cause.name : 'unknown';
}
