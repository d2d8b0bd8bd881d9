// What is measured of the token layer, and who is measured: as data.
import type { Row } from '../report.ts';

/** Each in a process of its own; some bring several figures. */
export type Measurement = 'cached' | 'cold' | 'echo' | 'late' | 'redirect' | 'flood' | 'heap' | 'sources';

export type Figures = Readonly<Partial<Record<RowId, number>>>;

export const candidates = {
  ours: '@finapi-ts/auth-helpers',
  badgateway: '@badgateway/oauth2-client',
  'simple-oauth2': 'simple-oauth2',
  'openid-client': 'openid-client',
  oauth4webapi: 'oauth4webapi',
  google: 'google-auth-library',
  msal: '@azure/msal-node',
} as const;

export type Name = keyof typeof candidates;
export const names = Object.keys(candidates) as Name[];

export const rows = {
  get: { what: 'get() of a cached token, CPU', unit: 'ns', target: 150 },
  peek: { what: 'peek() of a cached token, CPU', unit: 'ns', target: 60 },
  cold: { what: '1,000 calls at once without a token: token requests', unit: '', target: 1 },
  echo: { what: 'the same token until it ends, 200 calls in 5 s of its last minute: token requests', unit: '', target: 2 },
  late: { what: '50 calls under way with a revoked token: token requests', unit: '', target: 1 },
  'late-failed': { what: '50 calls under way with a revoked token: calls that fail', unit: '', target: 0 },
  redirect: { what: '307 to another origin: origins that get the secret', unit: '', target: 0 },
  // What comes in one piece from the socket goes beyond the cap of 64 KiB.
  flood: { what: 'an answer of 256 MiB: read before it ends', unit: 'KiB', target: 256 },
  'flood-memory': { what: 'an answer of 256 MiB: growth of the peak memory', unit: 'MiB' },
  size: { what: 'client credentials with a cache, minified and gzipped', unit: 'kB', target: 3.5 },
  'size-whole': { what: 'createAuth, minified and gzipped', unit: 'kB' },
  import: { what: 'importing, CPU', unit: 'ms', target: 10 },
  'import-empty': { what: 'importing an empty module, CPU', unit: 'ms' },
  heap: { what: 'heap a user at 100,000 users, both tokens and the id included', unit: 'B', target: 350 },
  'heap-source': { what: 'the same with a source a user kept', unit: 'B' },
} as const satisfies Readonly<Record<string, { what: string; unit: Row['unit']; target?: number }>>;

export type RowId = keyof typeof rows;

/** Which rows a measurement brings. */
export const brings: Readonly<Record<Measurement, readonly RowId[]>> = {
  cached: ['get', 'peek'],
  cold: ['cold'],
  echo: ['echo'],
  late: ['late', 'late-failed'],
  redirect: ['redirect'],
  flood: ['flood', 'flood-memory'],
  heap: ['heap'],
  sources: ['heap-source'],
};

const noCache = 'keeps no token';
const noRetry = 'repeats no call';
const noUsers = 'holds no users';
const noIntake = "takes no user's tokens in";
const sameRow = 'keeps an object a user in the row above already';
export const nothing = 'has nothing of the kind';

/** Why something is not measured of a peer. */
export const without: Readonly<Record<Exclude<Name, 'ours'>, Readonly<Partial<Record<Measurement, string>>>>> = {
  badgateway: { sources: sameRow },
  'simple-oauth2': { late: noRetry, sources: sameRow },
  'openid-client': { cached: noCache, echo: noCache, late: noRetry, heap: noUsers, sources: noUsers },
  oauth4webapi: { cached: noCache, echo: noCache, late: noRetry, heap: noUsers, sources: noUsers },
  google: { sources: sameRow },
  msal: { late: noRetry, heap: noIntake, sources: noIntake },
};
