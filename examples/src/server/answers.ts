// What goes wrong at finAPI, as answers of this server: what a page can do about it, and no secret.
import { AuthError, AuthenticationRequiredError, FinapiError } from 'finapi-ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that this server refuses by itself. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, error: string, headers: Readonly<Record<string, string>> = {}) {
    super(error);
    this.answer = { status, body: { error }, headers };
  }
}

export const expiredCookie = 'session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict';

/** Sign in again: the session here ends with that at finAPI. */
export const signIn: Answer = { status: 401, body: { error: 'SIGN_IN' }, headers: { 'set-cookie': expiredCookie } };

/** `error` in the body is what a page decides by. */
export function answerTo(cause: unknown): Answer {
  if (cause instanceof Refusal) return cause.answer;
  // 510: a step, not a failure. The page repeats its request with the hash and what the user enters.
  if (cause instanceof AuthenticationRequiredError && cause.challenge !== undefined) {
    const { hash, status, challengeMessage, answerFieldLabel, twoStepProcedures, redirectUrl } = cause.challenge;
    const challenge = { hash, status, challengeMessage, answerFieldLabel, twoStepProcedures, redirectUrl };
    return { status: 409, body: { error: 'CHALLENGE', challenge } };
  }
  if (cause instanceof FinapiError) {
    const { code, requestId, retryAfterMs } = cause;
    // 423: an update is running.
    if (code === 'LOCKED') return later(409, 'BUSY', retryAfterMs ?? 5000);
    if (code === 'NOT_FOUND') return { status: 404, body: { error: 'NOT_FOUND' } };
    if (code === 'RATE_LIMITED' || code === 'UNAVAILABLE' || code === 'TIMEOUT' || code === 'NETWORK')
      return later(503, 'LATER', retryAfterMs);
    return { status: 502, body: { error: 'FINAPI', requestId } };
  }
  if (cause instanceof AuthError) {
    // CLOSED: signed out meanwhile.
    if (cause.code === 'SESSION_EXPIRED' || cause.code === 'CLOSED') return signIn;
    if (cause.code === 'USER_LOCKED') return { status: 403, body: { error: 'USER_LOCKED' } };
    if (cause.retryable) return later(503, 'LATER', cause.retryAfterMs);
    return { status: 502, body: { error: 'FINAPI', requestId: cause.requestId } };
  }
  return { status: 500, body: { error: 'INTERNAL' } };
}

function later(status: number, error: string, ms = 10_000): Answer {
  return { status, body: { error }, headers: { 'retry-after': String(Math.ceil(ms / 1000)) } };
}
