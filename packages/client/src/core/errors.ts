// Everything that a call can fail with. No error shows a body, a token, an expanded path or a query.

/** Stable codes: decide by them, never by messages. */
export type FinapiErrorCode =
  /** 400: a value is missing or wrong. */
  | 'BAD_REQUEST'
  /** 401: the token or the client's credentials were refused. */
  | 'UNAUTHORIZED'
  /** 403: the wrong kind of token, or an operation that this client may not call. */
  | 'FORBIDDEN'
  /** 404 */
  | 'NOT_FOUND'
  /** 422: understood, but not possible with this data. */
  | 'UNPROCESSABLE'
  /** 423: the entity is busy, wait and repeat; on the token operation: the user is locked, do not repeat. */
  | 'LOCKED'
  /** 429 */
  | 'RATE_LIMITED'
  /** 451: a web form must be opened; see {@link WebFormRequiredError}. */
  | 'WEB_FORM_REQUIRED'
  /** 500 */
  | 'SERVER_ERROR'
  /** 501: the bank or the interface does not support it. */
  | 'NOT_SUPPORTED'
  /** 502, 503, 504: a gateway answered in finAPI's place. */
  | 'UNAVAILABLE'
  /** 510: the bank wants a further step; see {@link AuthenticationRequiredError}. */
  | 'AUTHENTICATION_REQUIRED'
  /** Any other status, redirects included. */
  | 'UNEXPECTED_STATUS'
  /** A success whose body is empty, cut off or no JSON. */
  | 'UNREADABLE_ANSWER'
  /** No answer came. */
  | 'NETWORK'
  | 'TIMEOUT'
  /** In an answer only: the caller's signal ended the call with a reason that is no error. */
  | 'ABORTED'
  /** The client has no token of the kind that the operation takes. */
  | 'MISSING_TOKEN'
  /** The call cannot be made as it is; nothing was sent. */
  | 'INVALID_ARGUMENT';

/** An entry of finAPI's error answer. */
export interface FinapiErrorEntry {
  /** finAPI's own code, such as `UNKNOWN_ENTITY`. The list grows. */
  readonly code?: string;
  /** `BUSINESS` texts may be shown to end users, `TECHNICAL` ones are for you. */
  readonly type?: string;
  readonly message?: string | null;
  /** Web Form, with 400: the field of the request that is wrong. */
  readonly field?: string;
  /** With 510: what the bank asks for. */
  readonly multiStepAuthentication?: AuthenticationChallenge | null;
}

/** A step that the bank asks for; repeat the whole call with its `hash` and the user's answer. */
export interface AuthenticationChallenge {
  readonly hash: string;
  readonly status: string;
  readonly challengeMessage?: string | null;
  readonly answerFieldLabel?: string | null;
  readonly redirectUrl?: string | null;
  readonly redirectContext?: string | null;
  readonly redirectContextField?: string | null;
  readonly twoStepProcedures?: readonly object[] | null;
  readonly photoTanMimeType?: string | null;
  readonly photoTanData?: string | null;
  readonly opticalData?: string | null;
}

/** Which call failed, without anything that could hold a secret. */
interface CallPlace {
  readonly operationId: string;
  readonly method: string;
  /** Path template, never the expanded path. */
  readonly path: string;
  readonly requestId: string;
}

export interface FinapiErrorDetails extends Partial<CallPlace> {
  readonly status?: number;
  readonly errors?: readonly FinapiErrorEntry[];
  readonly body?: unknown;
  readonly retryAfterMs?: number;
}

/** A call that failed. */
export class FinapiError extends Error {
  override name = 'FinapiError';
  readonly code: FinapiErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Id of the request, as finAPI echoed it or as it was sent: name it to finAPI's support. */
  readonly requestId: string | undefined;
  readonly operationId: string | undefined;
  readonly method: string | undefined;
  /** Path template, never the expanded path. */
  readonly path: string | undefined;
  /** How long finAPI asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What the answer said; private, so that neither printing nor `JSON.stringify` shows it. */
  readonly #said: FinapiErrorDetails;

  constructor(code: FinapiErrorCode, message: string, details: FinapiErrorDetails = {}) {
    const { method, path, requestId } = details;
    super(`${method ? `${method} ${path}: ` : ''}${message}${requestId ? ` (request ${requestId})` : ''}`);
    this.code = code;
    this.status = details.status;
    this.requestId = requestId;
    this.operationId = details.operationId;
    this.method = method;
    this.path = path;
    this.retryAfterMs = details.retryAfterMs;
    this.#said = details;
  }

  /** finAPI's entries; empty where it sent none. Printing the error does not show them. */
  get errors(): readonly FinapiErrorEntry[] {
    return this.#said.errors ?? [];
  }

  /** The parsed body with tokens masked. Printing the error does not show it. */
  get body(): unknown {
    return this.#said.body;
  }
}

/** 510: the bank wants a further authentication step. A step, not a failure: repeat the whole call with the challenge's hash and the answer. */
export class AuthenticationRequiredError extends FinapiError {
  override name = 'AuthenticationRequiredError';

  /** What the bank asks for. Printing the error does not show it: it can hold a one-time code. */
  get challenge(): AuthenticationChallenge | undefined {
    for (const { multiStepAuthentication } of this.errors) if (multiStepAuthentication) return multiStepAuthentication;
    return undefined;
  }
}

/** 451: send the user to the web form at `url`. A step, not a failure. */
export class WebFormRequiredError extends FinapiError {
  override name = 'WebFormRequiredError';
  readonly #url: string | undefined;

  constructor(message: string, details: FinapiErrorDetails, url: string | undefined) {
    super('WEB_FORM_REQUIRED', message, details);
    this.#url = url;
  }

  /** Where the form is. Printing the error does not show it: who knows it can fill the form in. */
  get url(): string | undefined {
    return this.#url;
  }
}
