// Run as a process of its own: asks for tokens, gives one back and calls, with or without an `Object.prototype` that somebody wrote to.
import {
  accessV1,
  accessV2,
  clientCredentials,
  clientTokens,
  createAuth,
  password,
  refreshToken,
  revokeToken,
} from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { createAccessV1 } from '@finapi-ts/client/access-v1';

const [, , baseUrl = '', polluted = ''] = process.argv;

/** Names of options, of fields and of what `fetch` takes; without `body` and `status`, over which Node's own `fetch` falls. */
const evil: Readonly<Record<string, unknown>> = {
  accessToken: 'evil',
  admin: { clientId: 'evil', clientSecret: 'evil' },
  authorization: 'Bearer evil',
  baseDelayMs: -1,
  clock: { now: () => 0, monotonic: () => 0, setTimeout: () => 0, clearTimeout: () => {} },
  credentials: () => ({ password: 'evil' }),
  expiresAt: Number.POSITIVE_INFINITY,
  expires_in: 0,
  fetch: () => Promise.reject(new Error('evil')),
  force: true,
  ended: true,
  failure: { code: 'RATE_LIMITED', error: { code: 'RATE_LIMITED' }, until: Number.POSITIVE_INFINITY, count: 1 },
  grant_type: 'evil',
  headers: { 'x-evil': '1' },
  idleTtlMs: -1,
  insisted: { until: Number.POSITIVE_INFINITY, count: 1 },
  late: { accessToken: 'evil', refreshToken: 'evil' },
  max: 0,
  maxDelayMs: -1,
  maxRetryAfterMs: -1,
  method: 'DELETE',
  minValidityMs: 1e12,
  onEvent: 'evil',
  redirect: 'follow',
  refreshToken: 'evil',
  refresh_token: 'evil',
  renewBeforeMs: -1,
  renewalTimeoutMs: -1,
  refused: { digest: 'evil', code: 'USER_LOCKED' },
  rejected: { accessToken: 'access-1' },
  requestId: 'evil',
  retryAfterMs: 1e12,
  session: { accessToken: 'evil', expiresAt: Number.POSITIVE_INFINITY },
  store: 'evil',
  storeTimeoutMs: -1,
  sessionTtlMs: 1,
  timeoutMs: -1,
  tokenTypeHint: 'access_token',
  token_type_hint: 'access_token',
  ttlMs: 0,
  unsavedOver: null,
  users: { max: 0 },
  which: 'access',
  'x-evil': '1',
  [Symbol.for('finapi-ts.allowInsecureHttp')]: true,
};

if (polluted === 'polluted')
  for (const key of Reflect.ownKeys(evil))
    Object.defineProperty(Object.prototype, key, { value: Reflect.get(evil, key), configurable: true, enumerable: true, writable: true });

const who = { baseUrl, preset: accessV1, clientId: 'household', clientSecret: 'secret' } as const;
await clientCredentials({ ...who });
await password({ ...who, userId: 'alice', password: 'p' });
await refreshToken({ ...who, refreshToken: 'r' });
await revokeToken({ ...who, clientToken: 'c', token: 't' });
await revokeToken({ ...who, preset: accessV2, clientToken: 'c', token: 't' });
const auth = createAuth({ ...who, users: { credentials: () => ({ password: 'p' }) } });
await auth.client.get();
await auth.user('alice').get();
await auth.user('alice').get({ force: true });
await auth.user('alice').revoke();
const session = { expiresAt: 1, accessToken: 'a', refreshToken: 'r' };
const bob = auth.user('bob', { session });
await bob.get();
await auth.users.logout('bob');

// The same where processes share their tokens, after a token was refused, and after a failure.
const shared = createAuth({ ...who, users: { credentials: () => ({ password: 'p' }) }, store: memoryStore() });
const carol = shared.user('carol');
carol.reject(await carol.get());
await carol.get();
await shared.user('carol').get({ force: true });
await shared.user('dave').get();
await shared.users.logout('carol');
let broken = false;
const breaking = async (url: string, init: RequestInit): Promise<Response> => {
  if (broken) return fetch(url, init);
  broken = true;
  throw new TypeError('down');
};
const source = clientTokens({ ...who, fetch: breaking, baseDelayMs: 0 });
await source.get().catch(() => {});
await source.get();
source.reject('access-1');
await source.get();

const insecure = await clientCredentials({ ...who, baseUrl: 'http://finapi.test' }).catch((cause: { code?: string }) => cause.code);
if (Object.hasOwn(auth, 'admin') || insecure !== 'INVALID_ARGUMENT') throw new Error('an option was inherited');
if (polluted === 'polluted') for (const key of Reflect.ownKeys(evil)) Reflect.deleteProperty(Object.prototype, key);
const finapi = createAccessV1({ baseUrl, auth });
await finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 });
process.stdout.write('done');
