// One call on the wire: token, attempts, time-out, middleware. What the answer means is read elsewhere.
import type { Credential, Identity, TokenSource } from './auth.js';
import { FinapiError, type FinapiErrorDetails } from './errors.js';
import { type ClientRequest, checkHeader, checkHeaderName, checkTimeout, contextHeaders, type Settings } from './options.js';
import { type Compiled, type Content, content } from './request.js';
import { parseRetryAfter, pauseBefore, type RetryPolicy, retryPolicy, sleep } from './retry.js';
import type { CallOptions } from './types.js';

/** What is known of a call while it is under way, so that whatever becomes of it can be told. */
export interface Trace {
  requestId: string;
  /** `Authorization` of the last attempt, which must not show in an error. */
  authorization: string | undefined;
  /** The answer, once there is one. */
  received: Received | undefined;
}

export const newTrace = (): Trace => ({ requestId: '', authorization: undefined, received: undefined });

/** An answer of any status, its body read. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** No answer came, and why: the code, never the message of `fetch`, which can quote the URL. */
class NoAnswer {
  readonly code: 'NETWORK' | 'TIMEOUT';
  readonly reason: string;
  constructor(code: 'NETWORK' | 'TIMEOUT', reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

/** A call, ready to be sent. */
interface Prepared extends Content {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
}

/** Sends a call until it is answered or given up, and hands the last answer to `read`. */
export async function exchange<T>(
  settings: Settings,
  operation: Compiled,
  args: object | undefined,
  credential: Credential<Identity> | undefined,
  options: CallOptions,
  trace: Trace,
  read: (received: Received) => T,
): Promise<T> {
  const call = prepare(settings, operation, args, options, trace);
  const { signal } = options;
  const needsToken = operation.token.length > 0 && call.headers.authorization === undefined;
  let renewed = false;
  let fresh: string | undefined;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const token = needsToken
      ? (fresh ?? knownToken(credential, operation) ?? (await askForToken(operation, credential, signal, trace)))
      : undefined;
    fresh = undefined;
    const received = await attemptOnce(settings, operation, call, token, signal, attempt, trace);
    const answered = received instanceof NoAnswer ? undefined : received;
    trace.received = answered;
    if (answered !== undefined && answered.status < 400) return read(answered);

    if (answered?.status === 401 && token !== undefined && !renewed) {
      renewed = true;
      fresh = await renew(credential, token, signal, trace, operation);
      if (fresh !== undefined) {
        attempt--;
        continue;
      }
    }
    const pauseMs = pauseBefore(
      attempt,
      call.policy,
      operation,
      answered?.status,
      answered === undefined ? undefined : parseRetryAfter(answered.headers.get('retry-after')),
    );
    if (pauseMs !== undefined) await sleep(pauseMs, signal);
    else if (answered !== undefined) return read(answered);
    else throw new FinapiError((received as NoAnswer).code, (received as NoAnswer).reason, place(operation, trace));
  }
}

/** Where a call failed, for its error. */
export function place({ id, method, path }: Compiled, { requestId }: Trace): FinapiErrorDetails {
  return { operationId: id, method, path, ...(requestId === '' ? {} : { requestId }) };
}

function prepare(settings: Settings, operation: Compiled, args: object | undefined, options: CallOptions, trace: Trace): Prepared {
  try {
    trace.requestId = requestIdOf(options);
    const { target, body } = content(operation, args as Record<string, unknown> | undefined);
    const override = settings.methodOverride && operation.override === true;
    return {
      target,
      body,
      method: override ? 'POST' : operation.method,
      headers: headersOf(settings, operation, options, trace.requestId, override),
      policy: options.retry === undefined ? settings.retry : retryPolicy(options.retry),
      timeoutMs: options.timeoutMs === undefined ? settings.timeoutMs : checkTimeout(options.timeoutMs),
    };
  } catch (cause) {
    throw cause instanceof FinapiError ? new FinapiError(cause.code, cause.message, place(operation, trace)) : cause;
  }
}

/** 1 to 255 printable characters go out as they are; finAPI refuses longer ones. */
function requestIdOf({ requestId }: CallOptions): string {
  if (requestId === undefined) return newId();
  if (typeof requestId !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(requestId))
    throw new FinapiError('INVALID_ARGUMENT', 'requestId must be 1 to 255 printable ASCII characters');
  return requestId;
}

function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  // Pages served over plain http have no randomUUID.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function headersOf(
  settings: Settings,
  operation: Compiled,
  options: CallOptions,
  requestId: string,
  override: boolean,
): Record<string, string> {
  const headers: Record<string, string> = { ...settings.headers, 'x-request-id': requestId };
  if (operation.body !== undefined) headers['content-type'] = operation.body;
  if (override) headers['x-http-method-override'] = operation.method;
  if (options.language !== undefined || options.psu !== undefined) Object.assign(headers, contextHeaders(options));
  if (options.headers !== undefined)
    for (const [name, value] of Object.entries(options.headers)) headers[checkHeaderName(name)] = checkHeader(name, value);
  return headers;
}

/** The token checked last: most calls use the one before. */
let lastChecked: string | undefined;

/** The token that is there without waiting, if it is the one checked last. */
function knownToken(credential: Credential<Identity> | undefined, { tokenMinLifeS }: Compiled): string | undefined {
  if (credential === undefined || tokenMinLifeS !== undefined) return undefined;
  const token = 'token' in credential ? credential.token : credential.peek?.();
  return token === lastChecked ? token : undefined;
}

async function askForToken(
  operation: Compiled,
  credential: Credential<Identity> | undefined,
  signal: AbortSignal | undefined,
  trace: Trace,
): Promise<string> {
  if (credential === undefined) {
    const [identity] = operation.token;
    throw new FinapiError(
      'MISSING_TOKEN',
      `this operation takes a token of the ${operation.token.join(' or the ')}; give the client one as auth.${identity}`,
      place(operation, trace),
    );
  }
  // What is at hand may not live as long as the operation wants.
  const known = (source: TokenSource<Identity>): string | undefined =>
    operation.tokenMinLifeS === undefined ? source.peek?.() : undefined;
  const token = 'token' in credential ? credential.token : (known(credential) ?? (await getFrom(credential, operation, signal)));
  return checked(credential, token, operation, trace);
}

/** Tells the source that its token was refused, and takes another one from it; `undefined` where there is none. */
async function renew(
  credential: Credential<Identity> | undefined,
  refused: string,
  signal: AbortSignal | undefined,
  trace: Trace,
  operation: Compiled,
): Promise<string | undefined> {
  if (credential === undefined || 'token' in credential || credential.reject === undefined) return undefined;
  await abortable(Promise.resolve(credential.reject(refused)), signal);
  const token = await getFrom(credential, operation, signal);
  return token === refused ? undefined : checked(credential, token, operation, trace);
}

function getFrom(source: TokenSource<Identity>, { tokenMinLifeS }: Compiled, signal: AbortSignal | undefined): Promise<string> {
  const wanted = {
    ...(signal === undefined ? {} : { signal }),
    ...(tokenMinLifeS === undefined ? {} : { minValidityMs: tokenMinLifeS * 1000 }),
  };
  return abortable(source.get(wanted), signal);
}

/** Anything else would be no bearer token (RFC 6750, section 2.1), and `fetch` would quote it in its complaint. */
function checked(credential: Credential<Identity>, token: string, operation: Compiled, trace: Trace): string {
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const message = `the ${credential.identity} token is empty or holds characters that no token has`;
    throw new FinapiError('MISSING_TOKEN', message, place(operation, trace));
  }
  lastChecked = token;
  return token;
}

/** An abort frees the caller, whatever becomes of the promise. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Sends once and reads the body. Throws the caller's own reason. */
async function attemptOnce(
  settings: Settings,
  operation: Compiled,
  call: Prepared,
  token: string | undefined,
  signal: AbortSignal | undefined,
  attempt: number,
  trace: Trace,
): Promise<Received | NoAnswer> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort(new DOMException('The call timed out.', 'TimeoutError'));
  }, call.timeoutMs);
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const url = settings.baseUrl + call.target;
    const response = await (settings.middleware.length === 0
      ? transmit(settings, url, call, controller.signal, token, trace)
      : // Code of others, which need not heed the signal.
        abortable(throughMiddleware(settings, operation, call, url, attempt, controller.signal, token, trace), controller.signal));
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (timedOut) return new NoAnswer('TIMEOUT', `no complete answer within ${call.timeoutMs} ms`);
    if (cause instanceof FinapiError) throw cause;
    return new NoAnswer('NETWORK', `no complete answer: ${nameOf(cause)}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function throughMiddleware(
  settings: Settings,
  { id, path }: Compiled,
  { method, headers, body }: Prepared,
  url: string,
  attempt: number,
  signal: AbortSignal,
  token: string | undefined,
  trace: Trace,
): Promise<Response> {
  const last = (it: ClientRequest): Promise<Response> => {
    const lowerCase = Object.fromEntries(Object.entries(it.headers).map(([name, value]) => [name.toLowerCase(), value]));
    // Whatever a middleware did to the URL, the token goes to the configured host alone.
    const bearer = it.url === url || originOf(it.url) === settings.origin ? token : undefined;
    return transmit(settings, it.url, { method: it.method, headers: lowerCase, body: it.body }, it.signal, bearer, trace);
  };
  const chain = settings.middleware.reduceRight<(it: ClientRequest) => Promise<Response>>(
    (next, layer) => async (it) => layer(it, next),
    last,
  );
  return chain({ operationId: id, path, attempt, url, method, headers, body, signal });
}

function transmit(
  settings: Settings,
  url: string,
  { method, headers: plain, body }: Pick<Prepared, 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
  token: string | undefined,
  trace: Trace,
): Promise<Response> {
  const headers: Record<string, string> =
    token === undefined || plain.authorization !== undefined ? plain : { ...plain, authorization: `Bearer ${token}` };
  trace.authorization = headers.authorization;
  // A redirect is an answer like any other: following it could carry the body, and so a secret, to another host.
  const init: RequestInit = { method, headers, redirect: 'manual', signal };
  if (body !== undefined) init.body = body;
  return settings.fetch(url, init);
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
}

/** What broke, by its code: messages of `fetch` implementations can quote the URL. */
function nameOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return cause instanceof Error ? cause.name : 'unknown';
}
