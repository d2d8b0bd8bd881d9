// What a flow fails with beside the errors of the calls it makes.

/** Stable codes: decide by them, never by messages. */
export type FlowErrorCode =
  /** It did not end within `timeoutMs`. What went wrong last, if anything did, is the `cause`. */
  | 'TIMEOUT'
  /** The user is locked after failed logins; only a password change undoes it. */
  | 'USER_LOCKED'
  /** finAPI knows no such user. */
  | 'USER_UNKNOWN';

/** A flow that could not be brought to its end. Errors of finAPI that waiting does not mend come as they are. */
export class FlowError extends Error {
  override name = 'FlowError';
  readonly code: FlowErrorCode;

  constructor(code: FlowErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
