// Every way in which getting, renewing and giving back tokens can fail, over real HTTP, with a distinctive string for each secret.
import {
  type AuthOptions,
  accessV1,
  accessV2,
  clientCredentials,
  clientTokens,
  createAuth,
  password,
  refreshToken,
  revokeToken,
  type TokenStore,
} from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { observe } from '@finapi-ts/client';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { canaries } from './canaries.ts';
import { refuse, type Shape, shapes, tokenBody } from './hostile/answers.ts';
import { drip, falseGzip, flood, gzipBomb, hang, reset, resetMidAnswer } from './hostile/bodies.ts';
import { redirect, redirectStatuses } from './hostile/redirects.ts';
import { type Behaviour, type Got, hostile } from './hostile/server.ts';

/** Takes what can leave: errors, sources, pools, events, logs. */
export type Expose = (place: string, value: unknown) => void;

/** What means something of its own, in every shape; the rest in one. */
const statuses = [200, 400, 401, 403, 423, 429, 500, 503] as const;
const further = [204, 404, 418, 502] as const;

/** Ways to answer, by the first part of the path. */
const modes: Readonly<Record<string, Behaviour>> = {
  ...Object.fromEntries(
    statuses.flatMap((status) => Object.keys(shapes).map((shape) => [`${status}-${shape}`, refuse(status, shape as Shape)] as const)),
  ),
  ...Object.fromEntries(further.map((status) => [`${status}-rfc`, refuse(status, 'rfc')])),
  ...Object.fromEntries(redirectStatuses.map((status) => [`to-${status}`, redirect(status, 'http://elsewhere.localhost')])),
  flood: (request, response) => flood().behaviour(request, response),
  gzipBomb,
  falseGzip,
  drip,
  hang,
  reset,
  resetMidAnswer,
  ...(Object.fromEntries(
    Object.entries({
      oddToken: { access_token: `${canaries.accessToken}\r\nx-evil: 1` },
      oddRefreshToken: { refresh_token: `${canaries.refreshToken}\u0000` },
      oddType: { token_type: canaries.accessToken },
      oddLife: { expires_in: canaries.accessToken },
      longToken: { access_token: canaries.accessToken.repeat(400) },
    }).map(([name, fields]) => [name, (_: Got, response) => void response.end(tokenBody(fields))] as const),
  ) satisfies Record<string, Behaviour>),
};

/** `good-…` gives tokens of a client, and fails with the rest. */
const behave: Behaviour = (request, response) => {
  const [, mode = ''] = request.target.split('/');
  const form = new URLSearchParams(request.body);
  const ofClient = mode.startsWith('good-') && form.get('grant_type') === 'client_credentials';
  if (ofClient) return response.end(tokenBody({ access_token: canaries.clientToken }));
  return modes[mode.replace('good-', '')]?.(request, response);
};

const who = { clientId: 'household', clientSecret: canaries.clientSecret } as const;

/**
 * Goes through them, and counts.
 *
 * @param wanted shapes of bodies, where not all are of interest
 */
export async function everyFailure(
  expose: Expose,
  wanted: readonly Shape[] = Object.keys(shapes) as Shape[],
): Promise<{ readonly tried: number; readonly failed: number }> {
  await using server = await hostile(behave);
  let tried = 0;
  let failed = 0;
  const attempt = async (place: string, promise: Promise<unknown>): Promise<void> => {
    tried += 1;
    await promise.catch((cause: unknown) => {
      failed += 1;
      expose(place, cause);
    });
  };

  const names = Object.keys(modes).filter((mode) => !/^\d/.test(mode) || wanted.some((shape) => mode.endsWith(`-${shape}`)));
  await Promise.all(names.map((mode) => grants(attempt, mode, `${server.url}/${mode}`)));
  await Promise.all(names.map((mode) => sources(attempt, expose, mode, `${server.url}/good-${mode}`)));
  await stores(attempt, expose, `${server.url}/503-rfc`);
  await fetches(attempt);
  await calls(attempt, expose, server.url);
  return { tried, failed };
}

type Attempt = (place: string, promise: Promise<unknown>) => Promise<void>;

const patience = (mode: string): number => (mode === 'hang' || mode === 'drip' ? 30 : 10_000);

/** The grant functions by themselves. */
async function grants(attempt: Attempt, mode: string, baseUrl: string): Promise<void> {
  const options = { baseUrl, preset: accessV1, timeoutMs: patience(mode), ...who };
  await attempt(`client ${mode}`, clientCredentials(options));
  await attempt(`password ${mode}`, password({ ...options, userId: 'alice', password: canaries.password }));
  await attempt(`refresh ${mode}`, refreshToken({ ...options, refreshToken: canaries.refreshToken }));
  const tokens = { clientToken: canaries.clientToken, token: canaries.revokedToken };
  await attempt(`revoke of V1 ${mode}`, revokeToken({ ...options, ...tokens, tokenTypeHint: 'refresh_token' }));
  await attempt(`revoke of V2 ${mode}`, revokeToken({ ...options, preset: accessV2, ...tokens }));
}

const session = { accessToken: canaries.accessToken, expiresAt: Number.POSITIVE_INFINITY, refreshToken: canaries.refreshToken } as const;

/** Sources: cold, with a session, given back, logged out. */
async function sources(attempt: Attempt, expose: Expose, mode: string, baseUrl: string): Promise<void> {
  const options: AuthOptions = {
    baseUrl,
    preset: accessV1,
    timeoutMs: patience(mode),
    baseDelayMs: 0,
    ...who,
    onEvent: (event) => expose(`event ${mode}`, event),
    users: { credentials: () => ({ password: canaries.password }) },
  };
  const auth = createAuth(options);
  const cold = auth.user('cold');
  const warm = auth.user('warm', { session });
  const leaving = auth.user('leaving', { session });
  // A client's own source gets its token; without `good` it fails as well.
  const lonely = clientTokens({ ...options, baseUrl: baseUrl.replace('good-', '') });
  await attempt(`source of the client ${mode}`, lonely.get());
  await attempt(`source without a session ${mode}`, cold.get());
  await attempt(`source again ${mode}`, cold.get());
  await attempt(`source with a session ${mode}`, warm.get({ force: true }));
  await attempt(`revocation ${mode}`, warm.revoke());
  await attempt(`logout ${mode}`, leaving.logout());
  await attempt(`after the logout ${mode}`, leaving.get());
  for (const [place, value] of Object.entries({ auth, cold, warm, leaving, lonely, users: auth.users, status: cold.status() }))
    expose(`${place} ${mode}`, value);
  await auth[Symbol.asyncDispose]();
}

/** Stores that fail, and say with which value. */
async function stores(attempt: Attempt, expose: Expose, baseUrl: string): Promise<void> {
  const memory = memoryStore();
  const failing = {
    get: (key: string) => memory.get(key),
    set: (key: string, value: string) => Promise.reject(new Error(`cannot SET ${key} ${value}`)),
    delete: (key: string) => Promise.reject(new Error(`cannot DEL ${key} ${canaries.refreshToken}`)),
  };
  const reading = { ...failing, get: () => Promise.reject(new Error(`GET said ${canaries.accessToken}`)) };
  const throwing = {
    ...failing,
    get: () => {
      throw new Error(`GET said ${canaries.accessToken}`);
    },
  };
  const odd = { ...memory, get: async () => ({ value: `{"accessToken":"${canaries.accessToken}`, version: '1', now: 0 }) };
  for (const [name, store] of Object.entries<TokenStore>({ failing, reading, throwing, odd, memory })) {
    const auth = createAuth({
      baseUrl,
      preset: accessV1,
      store,
      ...who,
      onEvent: (event) => expose(`event of a store ${name}`, event),
      users: { credentials: () => ({ password: canaries.password }) },
    });
    const user = auth.user('alice', { session });
    await attempt(`client with a store ${name}`, auth.client.get());
    await attempt(`user with a store ${name}`, user.get({ force: true }));
    await attempt(`revocation with a store ${name}`, user.revoke());
    await attempt(`logout with a store ${name}`, auth.user('bob', { session }).logout());
    for (const [place, value] of Object.entries({ auth, user, store })) expose(`${place} with a store ${name}`, value);
  }
}

/** A `fetch` of others that tells all that it knows. */
async function fetches(attempt: Attempt): Promise<void> {
  const loud = (url: string, init: RequestInit): Error => {
    const text = `${url} ${String(init.body)} ${JSON.stringify(init.headers)}`;
    return Object.assign(new Error(text, { cause: new Error(text) }), { code: text, name: text });
  };
  const kinds: Record<string, NonNullable<AuthOptions['fetch']>> = {
    rejecting: (url, init) => Promise.reject(loud(url, init)),
    throwing: (url, init) => {
      throw loud(url, init);
    },
    'with text': (url, init) => Promise.reject(`${url} ${String(init.body)}`),
    'breaking off': async (url, init) =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.error(loud(url, init));
          },
        }),
      ),
  };
  for (const [kind, fetch] of Object.entries(kinds)) {
    const options = { baseUrl: 'https://finapi.test', preset: accessV1, fetch, ...who };
    await attempt(`fetch ${kind}: client`, clientCredentials(options));
    await attempt(`fetch ${kind}: password`, password({ ...options, userId: 'alice', password: canaries.password }));
    await attempt(`fetch ${kind}: refresh`, refreshToken({ ...options, refreshToken: canaries.refreshToken }));
    await attempt(`fetch ${kind}: revoke`, revokeToken({ ...options, clientToken: canaries.clientToken, token: canaries.revokedToken }));
  }
  const options = { baseUrl: 'https://finapi.test', preset: accessV1, ...who };
  const odd = '\u0000\r\n';
  await attempt('an odd client token', revokeToken({ ...options, clientToken: canaries.clientToken + odd, token: canaries.revokedToken }));
  await attempt('an odd base URL', clientCredentials({ ...options, baseUrl: `https://user:${canaries.password}@finapi.test` }));
  await attempt('no URL', clientCredentials({ ...options, baseUrl: canaries.clientSecret }));
  await attempt('an odd header', clientCredentials({ ...options, headers: { authorization: canaries.clientSecret + odd } }));
  await attempt('an odd id', clientCredentials({ ...options, requestId: canaries.accessToken + odd }));
}

/** Calls of the client with tokens from sources, and its own token operations, watched as a log would. */
async function calls(attempt: Attempt, expose: Expose, url: string): Promise<void> {
  const middleware = [observe((event) => console.debug(event))];
  for (const mode of ['401-rfc', '401-finapi', '403-finapi', '503-html', '400-rfcOdd', 'to-307', 'reset', 'resetMidAnswer']) {
    const auth = createAuth({ baseUrl: `${url}/good-${mode}`, preset: accessV1, ...who });
    const finapi = createAccessV1({ baseUrl: `${url}/good-${mode}`, auth, middleware, retry: false });
    const user = auth.user('alice', { session });
    await attempt(`a call of a user ${mode}`, finapi.as(user).accounts.getAccount({ id: 1 }));
    await attempt(`a call of the client ${mode}`, finapi.banks.getBank({ id: 1 }));
    await attempt(`revokeToken ${mode}`, finapi.authorization.revokeToken({ token: canaries.revokedToken }));
    expose(`auth behind a client ${mode}`, auth);
    expose(`client ${mode}`, finapi);
  }
}
