// Failures as finAPI writes them: `ErrorMessage` and the other shape of a 401 of Access, and the two shapes of Web Form.

export interface FailureDetails {
  /** First word of a 401. Default `invalid_token`. */
  readonly reason?: string;
  /** The argument that is at fault. */
  readonly field?: string;
  /** The step of authentication that a 510 asks for, as the API writes it. */
  readonly challenge?: object;
}

/** Thrown while a request is handled; becomes the answer. */
export class Failure extends Error {
  readonly status: number;
  /** Code of an `ErrorMessage`; undefined for the shape that only a 401 has. */
  readonly code: string | undefined;
  readonly details: FailureDetails;

  constructor(status: number, code: string | undefined, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = 'Failure';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The call's token is not valid. As with finAPI, the text repeats it. */
export const invalidToken = (token: string): Failure => new Failure(401, undefined, `Invalid access token: ${token}`);

/** There is no such client, or its secret is another. */
export const invalidClient = (): Failure =>
  new Failure(401, undefined, 'Client id and secret do not belong together.', { reason: 'invalid_client' });

export const missing = (name: string, place: string): Failure =>
  new Failure(400, 'MISSING_FIELD', `${name} is missing, it belongs into the ${place}.`, { field: name });

export const unknown = (what: string, id: unknown): Failure => new Failure(404, 'UNKNOWN_ENTITY', `There is no ${what} ${id}.`);

export interface FailurePlace {
  readonly date: string;
  readonly requestId: string;
  /** Method and path, like `GET /api/v1/accounts/99`. */
  readonly endpoint: string;
  readonly authContext: string;
}

/** Gives the body of a failure. */
export type FailureWriter = (failure: Failure, place: FailurePlace) => object;

/** As Access does. What there is none of stands in `empty`, where the API does not leave it out. */
export function listedFailures(empty: { readonly bank?: null; readonly multiStepAuthentication?: null }): FailureWriter {
  const { multiStepAuthentication, ...rest } = empty;
  return ({ status, code, message, details: { reason = 'invalid_token', challenge = multiStepAuthentication } }, place) => {
    if (code === undefined) return { error: reason, error_description: message };
    const type = status === 510 ? 'BUSINESS' : 'TECHNICAL';
    const entry = { message, code, type, ...(challenge === undefined ? {} : { multiStepAuthentication: challenge }) };
    const { date, requestId, endpoint, authContext } = place;
    return { errors: [entry], date, requestId, endpoint, authContext, ...rest };
  };
}

/** What Web Form calls a failure, by its status. */
const codes: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'NOT_ALLOWED',
  423: 'LOCKED',
};

/** As Web Form does: what is wrong with fields in a list, anything else flat. */
export const flatFailures: FailureWriter = ({ status, code, message, details: { field = 'body' } }, { date: timestamp, endpoint }) => {
  if (status === 400) return { errors: [{ field, message }], timestamp, endpoint };
  return { code: codes[status] ?? (status < 500 ? code : undefined) ?? 'INTERNAL_SERVER_ERROR', description: message, timestamp, endpoint };
};
