// Failures as finAPI writes them: `ErrorMessage`, and the other shape of a 401.

/** Thrown while a request is handled; becomes the answer. */
export class Failure extends Error {
  readonly status: number;
  /** Code of an `ErrorMessage`; undefined for the shape that only a 401 has. */
  readonly code: string | undefined;
  /** First word of a 401. */
  readonly reason: string;

  constructor(status: number, code: string | undefined, message: string, reason = 'invalid_token') {
    super(message);
    this.name = 'Failure';
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}

/** The call's token is not valid. As with finAPI, the text repeats it. */
export const invalidToken = (token: string): Failure => new Failure(401, undefined, `Invalid access token: ${token}`);

/** There is no such client, or its secret is another. */
export const invalidClient = (): Failure => new Failure(401, undefined, 'Client id and secret do not belong together.', 'invalid_client');

export const missing = (name: string, place: string): Failure =>
  new Failure(400, 'MISSING_FIELD', `${name} is missing, it belongs into the ${place}.`);

export interface FailurePlace {
  readonly date: string;
  readonly requestId: string;
  /** Method and path, like `GET /api/v1/accounts/99`. */
  readonly endpoint: string;
  readonly authContext: string;
}

export function failureBody(failure: Failure, { date, requestId, endpoint, authContext }: FailurePlace): object {
  if (failure.code === undefined) return { error: failure.reason, error_description: failure.message };
  const entry = { message: failure.message, code: failure.code, type: 'TECHNICAL', multiStepAuthentication: null };
  return { errors: [entry], date, requestId, endpoint, authContext, bank: null };
}
