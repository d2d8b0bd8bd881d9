// Reads an answer: the value, or the error that it stands for.
import {
  AuthenticationRequiredError,
  FinapiError,
  type FinapiErrorCode,
  type FinapiErrorDetails,
  type FinapiErrorEntry,
  WebFormRequiredError,
} from './errors.js';
import type { Compiled } from './request.js';
import { parseRetryAfter } from './retry.js';
import { place, type Received, type Trace } from './transport.js';

const codes: Readonly<Record<number, FinapiErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  422: 'UNPROCESSABLE',
  423: 'LOCKED',
  429: 'RATE_LIMITED',
  451: 'WEB_FORM_REQUIRED',
  500: 'SERVER_ERROR',
  501: 'NOT_SUPPORTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
  510: 'AUTHENTICATION_REQUIRED',
};

/** The value of a success; throws the error of anything else. */
export function readValue(operation: Compiled, received: Received, trace: Trace, args: unknown): unknown {
  const { status, text } = received;
  if (status >= 200 && status < 300) {
    if (operation.empty === true) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new FinapiError('UNREADABLE_ANSWER', `${status} with ${describe(received)}`, details(operation, received, trace));
    }
  }
  throw errorOf(operation, received, trace, args);
}

function errorOf(operation: Compiled, received: Received, trace: Trace, args: unknown): FinapiError {
  const { status, headers } = received;
  const body = mask(parse(received.text), trace, args);
  const entries = entriesOf(body);
  const [first] = entries;
  const all: FinapiErrorDetails = { ...details(operation, received, trace), errors: entries, body };
  const code = codes[status] ?? 'UNEXPECTED_STATUS';
  // TECHNICAL texts are for developers; BUSINESS ones are for end users and can hold their data. Web Form does not tell them apart.
  const said =
    first === undefined
      ? `, ${describe(received)}`
      : `${first.code === undefined ? '' : ` ${first.code}`}${isName(first.field) ? ` in ${first.field}` : ''}${first.type === 'TECHNICAL' && first.message ? `, ${first.message}` : ''}`;
  const message = `${status} ${code}${said}`;
  if (status === 451) return new WebFormRequiredError(message, all, headers.get('location') ?? undefined);
  if (status === 510) return new AuthenticationRequiredError(code, message, all);
  return new FinapiError(code, message, all);
}

/** `callbacks.finalised`, `orders[0].amount`: anything else could be somebody's data. */
const isName = (field: unknown): boolean => typeof field === 'string' && /^[\w.[\]]{1,100}$/.test(field);

function details(operation: Compiled, { status, headers }: Received, trace: Trace): FinapiErrorDetails {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  return {
    ...place(operation, trace),
    status,
    requestId: headers.get('x-request-id') ?? trace.requestId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Arguments that hold secrets, with all that is below them. */
const secretNames =
  /token(?!_type)|secret|passw|passphrase|pin$|tan$|private_?key|api_?key|challenge_?response|redirect_?callback|login_?credentials/i;

function* secretsOf(value: unknown, secret = false): Generator<string> {
  if (typeof value === 'string') {
    if (secret && value !== '') yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, it] of Object.entries(value)) yield* secretsOf(it, secret || (!Array.isArray(value) && secretNames.test(name)));
  }
}

/** finAPI echoes a refused token in its answer; whatever secret was sent does not come out again. Names and numbers stay as they are. */
export function mask(value: unknown, trace: Trace, args: unknown): unknown {
  const secrets = [...secretsOf(trace.authorization?.replace(/^\S+ /, ''), true), ...secretsOf(args)];
  const hide = (text: string): string => {
    let hidden = text.replace(/(invalid access token: ?)\S+/gi, '$1[masked]');
    for (const secret of secrets) {
      // A short one, such as a PIN of three digits, is masked where it stands by itself, or it would tear up all text.
      if (secret.length < 4) hidden = hidden.replace(new RegExp(`(?<!\\w)${secret.replace(/\W/g, '\\$&')}(?!\\w)`, 'g'), '[masked]');
      else hidden = hidden.replaceAll(secret, '[masked]').replaceAll(encodeURIComponent(secret), '[masked]');
    }
    return hidden;
  };
  const walk = (it: unknown): unknown => {
    if (typeof it === 'string') return hide(it);
    if (Array.isArray(it)) return it.map(walk);
    if (typeof it !== 'object' || it === null) return it;
    return Object.fromEntries(Object.entries(it).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(value);
}

/** The value of a JSON text; `undefined` for anything else. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Entries of finAPI's error object, or one made of Web Form's or an OAuth error (RFC 6749, section 5.2). */
function entriesOf(body: unknown): readonly FinapiErrorEntry[] {
  if (typeof body !== 'object' || body === null) return [];
  const { errors, error, error_description: message, code, description } = body as Record<string, unknown>;
  if (Array.isArray(errors)) return errors.filter((it) => typeof it === 'object' && it !== null);
  // Web Form: one error, flat.
  if (typeof code === 'string') return [typeof description === 'string' ? { code, message: description } : { code }];
  if (typeof error !== 'string') return [];
  return [typeof message === 'string' ? { code: error, message } : { code: error }];
}

/** What the body was in place of JSON, in words that quote nothing of it. */
function describe({ text, headers }: Received): string {
  if (text.trim() === '') return 'an empty body';
  const type = headers.get('content-type')?.split(';')[0]?.trim();
  if (parse(text) !== undefined) return 'a body of another form';
  return /json/i.test(type ?? '') ? 'a body that is cut off or no valid JSON' : `a body of type ${type ?? 'unknown'}`;
}
