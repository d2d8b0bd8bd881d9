// Everything that the package offers, but for the stores, which are imports of their own.
export { type Auth, type AuthOptions, createAuth } from './auth.js';
export { type ClientOptions, clientTokens } from './client.js';
export type { Clock } from './clock.js';
export { allowInsecureHttp, type EndpointOptions, type RequestOptions } from './endpoint.js';
export type { RenewalOptions, Secret, Session, SourceOptions } from './engine.js';
export { AuthError, type AuthErrorCode, type Grant } from './errors.js';
export { type AuthEvent, type AuthEventType, channelName } from './events.js';
export type { FleetOptions } from './fleet.js';
export {
  type ClientCredentials,
  clientCredentials,
  password,
  refreshToken,
  revokeToken,
  TokenAnswer,
  type TokenTypeHint,
} from './grants.js';
export { accessV1, accessV2, type Preset } from './presets.js';
export type { RevocableTokenSource, Which } from './session.js';
export type { GetOptions, Identity, TokenSource, TokenStatus } from './source.js';
export type { Lease, SetOptions, StoredValue, TokenStore } from './store.js';
export type { Credentials, PoolOptions, UserOptions, UserPool, UserTokenSource } from './users.js';
