// Everything that asking for a token can fail with. No error holds a body, a token, a password, a secret or a URL.

/** How a token is asked for (RFC 6749, sections 4.3, 4.4 and 6), or given back. */
export type Grant = 'client_credentials' | 'password' | 'refresh_token' | 'revoke';

/** Stable codes: decide by them, never by messages. */
export type AuthErrorCode =
  /** The client id or secret is wrong. */
  | 'INVALID_CLIENT'
  /** The user id or password is wrong. The same password is not sent again. */
  | 'INVALID_CREDENTIALS'
  /** The refresh token is no longer taken, and there is no password to log in with. */
  | 'SESSION_EXPIRED'
  /** The user is locked after failed logins; only a password change undoes it. */
  | 'USER_LOCKED'
  /** The user is not verified, or this client may not act for them. */
  | 'USER_UNVERIFIED'
  /** This client may not do that. */
  | 'FORBIDDEN'
  /** 429 */
  | 'RATE_LIMITED'
  /** finAPI or a gateway before it answered with 5xx. */
  | 'UNAVAILABLE'
  /** No answer came. */
  | 'NETWORK'
  | 'TIMEOUT'
  /** The answer is none that a token endpoint may give: a redirect, HTML, no token, too large. */
  | 'PROTOCOL'
  /** The token lives shorter than was asked for, and finAPI gives no other before its end. */
  | 'SHORT_LIVED'
  /** The token store failed, and without it no token may be renewed. */
  | 'STORE'
  /** Another process has been renewing the token for too long. */
  | 'LEASE_TIMEOUT'
  /** Every user of the pool is being logged in or renewed. */
  | 'POOL_FULL'
  /** The source was closed or logged out. */
  | 'CLOSED'
  /** An option is missing or wrong; nothing was sent. */
  | 'INVALID_ARGUMENT';

export interface AuthErrorDetails {
  readonly grant?: Grant | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

const passing: readonly AuthErrorCode[] = [
  'RATE_LIMITED',
  'UNAVAILABLE',
  'NETWORK',
  'TIMEOUT',
  'SHORT_LIVED',
  'STORE',
  'LEASE_TIMEOUT',
  'POOL_FULL',
];

/** A token that could not be had, renewed or given back. */
export class AuthError extends Error {
  override name = 'AuthError';
  readonly code: AuthErrorCode;
  /** What was being asked for. */
  readonly grant: Grant | undefined;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Id of the request: name it to finAPI's support. */
  readonly requestId: string | undefined;
  /** Whether asking again later can help without anything being changed. */
  readonly retryable: boolean;
  /** Milliseconds before which no request is sent. */
  readonly retryAfterMs: number | undefined;

  constructor(code: AuthErrorCode, message: string, details: AuthErrorDetails = {}) {
    // Its own members alone: these decide over what is sent next.
    const { grant, status, requestId, retryAfterMs }: AuthErrorDetails = Object.assign(Object.create(null), details);
    super(`${grant === undefined ? '' : `${grant}: `}${message}${requestId === undefined ? '' : ` (request ${requestId})`}`);
    this.code = code;
    this.grant = grant;
    this.status = status;
    this.requestId = requestId;
    this.retryable = passing.includes(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * What a status means for a grant. finAPI says the same with other words on every status, so status and grant decide; an
 * `error` of RFC 6749 (section 5.2) only where it says more.
 */
export function codeOf(grant: Grant, status: number, error: string | undefined): AuthErrorCode {
  if (status >= 500) return 'UNAVAILABLE';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 423) return 'USER_LOCKED';
  if (grant === 'revoke') return status === 401 || status === 403 ? 'FORBIDDEN' : 'PROTOCOL';
  const ofUser = grant !== 'client_credentials';
  if (status === 403) return ofUser ? 'USER_UNVERIFIED' : 'FORBIDDEN';
  if (status === 401 || (status === 400 && error === 'invalid_client')) return 'INVALID_CLIENT';
  if (status === 400 && ofUser && (error === undefined || error === 'invalid_grant'))
    return grant === 'password' ? 'INVALID_CREDENTIALS' : 'SESSION_EXPIRED';
  return 'PROTOCOL';
}

const meanings: Partial<Record<AuthErrorCode, string>> = {
  INVALID_CLIENT: 'client id or secret are wrong',
  INVALID_CREDENTIALS: 'user id or password are wrong',
  SESSION_EXPIRED: 'the refresh token is no longer taken',
  USER_LOCKED: 'the user is locked; only a password change undoes that',
  USER_UNVERIFIED: 'the user is not verified, or not of this client',
  FORBIDDEN: 'this client may not do that',
  RATE_LIMITED: 'too many requests',
  UNAVAILABLE: 'finAPI is not available',
};

/** An error for an answer, in words and with its status. */
export const refusal = (code: AuthErrorCode, details: AuthErrorDetails): AuthError =>
  new AuthError(code, `${meanings[code] ?? 'an answer that makes no sense here'} (status ${details.status})`, details);
