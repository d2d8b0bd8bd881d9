// What all APIs share: errors, the types of options and tokens, and helpers for finAPI's dates and amounts.
export { addAmounts } from './core/amounts.js';
export type { Credential, Identity, PlainToken, TokenProvider, TokenSource } from './core/auth.js';
export {
  type AuthenticationChallenge,
  AuthenticationRequiredError,
  FinapiError,
  type FinapiErrorCode,
  type FinapiErrorEntry,
  WebFormRequiredError,
} from './core/errors.js';
export { type CallEvent, observe } from './core/observe.js';
export { allowInsecureHttp, type ClientOptions, type ClientRequest, type Middleware } from './core/options.js';
export type { RetryOptions } from './core/retry.js';
export { parseTimestamp } from './core/timestamps.js';
export type { Call, CallOptions, Failed, Language, NoArgs, Ok, Open, Paged, PsuMetadata, Unexpected } from './core/types.js';
