// The grants of RFC 6749 that finAPI knows, and its revocation (RFC 7009): one request each, nothing kept, nothing repeated.
import {
  type Answer,
  bare,
  type Endpoint,
  type EndpointOptions,
  invalid,
  membersOf,
  post,
  type RequestOptions,
  settle,
} from './endpoint.js';
import { AuthError, type Grant } from './errors.js';

/** Who asks. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Which tokens a revocation voids: `access_token` that one alone, `refresh_token` it and all access tokens of its grant. Without it: the whole grant. */
export type TokenTypeHint = 'access_token' | 'refresh_token';

/** The life taken where finAPI states none, in seconds. */
const assumedLifeS = 300;

/** Tokens as finAPI gave them. Printing, `JSON.stringify` and copying show no token: read the members. */
export class TokenAnswer {
  /** Seconds that the access token has left; 0 = it never expires. */
  readonly expiresInS: number;
  readonly requestId: string;
  readonly #access: string;
  readonly #refresh: string | undefined;

  constructor(accessToken: string, expiresInS: number, refreshToken: string | undefined, requestId: string) {
    this.#access = accessToken;
    this.#refresh = refreshToken;
    this.expiresInS = expiresInS;
    this.requestId = requestId;
  }

  get accessToken(): string {
    return this.#access;
  }

  /** Absent for a client, and often after a refresh: the one that you have then stays in use. */
  get refreshToken(): string | undefined {
    return this.#refresh;
  }
}

/** Asks for a token of the client itself (RFC 6749, section 4.4). The same token comes back until it expires. */
export function clientCredentials(options: EndpointOptions & ClientCredentials & RequestOptions): Promise<TokenAnswer> {
  return withEndpoint(options, (endpoint, own) => requestClientToken(endpoint, own, own));
}

/**
 * Logs a user in (RFC 6749, section 4.3). Each refused password brings the user closer to a lock.
 *
 * @param options `userId` is finAPI's id of the user, not an e-mail address
 */
export function password(
  options: EndpointOptions & ClientCredentials & RequestOptions & { readonly userId: string; readonly password: string },
): Promise<TokenAnswer> {
  return withEndpoint(options, (endpoint, own) => requestByPassword(endpoint, own, own.userId, own.password, own));
}

/** Gets a new token of a user for a refresh token (RFC 6749, section 6). */
export function refreshToken(
  options: EndpointOptions & ClientCredentials & RequestOptions & { readonly refreshToken: string },
): Promise<TokenAnswer> {
  return withEndpoint(options, (endpoint, own) => requestByRefresh(endpoint, own, own.refreshToken, own));
}

/** Voids a token (RFC 7009). finAPI answers alike for a token that it does not know. `clientToken` is an access token of the client itself. */
export function revokeToken(
  options: EndpointOptions &
    RequestOptions & { readonly clientToken: string; readonly token: string; readonly tokenTypeHint?: TokenTypeHint },
): Promise<void> {
  return withEndpoint(options, (endpoint, own) => sendRevocation(endpoint, own.clientToken, own.token, own.tokenTypeHint, own));
}

async function withEndpoint<O extends EndpointOptions, T>(options: O, ask: (endpoint: Endpoint, own: O) => Promise<T>): Promise<T> {
  return ask(settle(options), bare(options));
}

export const requestClientToken = (endpoint: Endpoint, client: ClientCredentials, options: RequestOptions): Promise<TokenAnswer> =>
  request(endpoint, client, 'client_credentials', {}, options);

export const requestByPassword = (
  endpoint: Endpoint,
  client: ClientCredentials,
  userId: string,
  secret: string,
  options: RequestOptions,
): Promise<TokenAnswer> =>
  request(endpoint, client, 'password', { username: text('userId', userId), password: text('password', secret) }, options);

export const requestByRefresh = (
  endpoint: Endpoint,
  client: ClientCredentials,
  token: string,
  options: RequestOptions,
): Promise<TokenAnswer> => request(endpoint, client, 'refresh_token', { refresh_token: text('refreshToken', token) }, options);

export async function sendRevocation(
  endpoint: Endpoint,
  clientToken: string,
  token: string,
  hint: TokenTypeHint | undefined,
  options: RequestOptions,
): Promise<void> {
  const { revokePath, revokeIn } = endpoint.preset;
  const form = { token: text('token', token), ...(hint === undefined ? {} : { token_type_hint: hint }) };
  const inQuery = revokeIn === 'query';
  const target = inQuery ? `${revokePath}?${new URLSearchParams(form)}` : revokePath;
  await post(endpoint, 'revoke', target, inQuery ? undefined : form, bearerToken('clientToken', clientToken), options);
}

async function request(
  endpoint: Endpoint,
  { clientId, clientSecret }: ClientCredentials,
  grant: Exclude<Grant, 'revoke'>,
  fields: Readonly<Record<string, string>>,
  options: RequestOptions,
): Promise<TokenAnswer> {
  const client = { client_id: text('clientId', clientId), client_secret: text('clientSecret', clientSecret) };
  const answer = await post(endpoint, grant, endpoint.preset.tokenPath, { grant_type: grant, ...client, ...fields }, undefined, options);
  return readAnswer(answer, grant);
}

function text(name: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${name} is missing`);
  return value;
}

function bearerToken(name: string, value: string): string {
  if (!isToken(text(name, value))) throw invalid(`${name} holds characters that no token has`);
  return value;
}

/** Printable ASCII without blanks: what may follow `Bearer ` in a header. finAPI's tokens have at most 8192 characters. */
export const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,8192}$/.test(value);

/** Checks an answer of the token endpoint (RFC 6749, section 5.1). */
function readAnswer({ text: body, requestId, status }: Answer, grant: Grant): TokenAnswer {
  const members = membersOf(body);
  const complain = (message: string): never => {
    throw new AuthError('PROTOCOL', message, { grant, status, requestId });
  };
  if (members === undefined) return complain('the answer is no JSON object');
  const { access_token: access, token_type: type, refresh_token: refresh } = members;
  if (!isToken(access)) return complain('the answer holds no access token that could be sent');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return complain('the token is no bearer token');
  const expiresInS = secondsOf(members['expires_in']);
  if (Number.isNaN(expiresInS)) return complain('expires_in is no number of seconds');
  // A client's token has no refresh token, whatever an answer says.
  const hasRefresh = grant !== 'client_credentials' && refresh !== undefined && refresh !== null;
  if (hasRefresh && !isToken(refresh)) return complain('the answer holds a refresh token that could not be sent');
  return new TokenAnswer(access, expiresInS, hasRefresh ? (refresh as string) : undefined, requestId);
}

/** A number or a decimal string, from 0; NaN for anything else. */
function secondsOf(value: unknown): number {
  if (value === undefined || value === null) return assumedLifeS;
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds < Number.POSITIVE_INFINITY ? seconds : Number.NaN;
}
