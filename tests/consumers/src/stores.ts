// The servers and the expectations of fixtures/stores-main.js, which runs the cases of token stores.

import { startPostgres } from '@finapi-ts/fleet-tests/servers/postgres';
import { postgresPrograms, redisProgram } from '@finapi-ts/fleet-tests/servers/programs';
import { startRedis } from '@finapi-ts/fleet-tests/servers/redis';
import { tokenStoreCases } from '@finapi-ts/testing/stores';

/** What an application installs to use the stores over servers. */
export const libraries = ['ioredis', 'redis', 'pg'];

export interface StoreServers extends AsyncDisposable {
  /** Empty where this machine has no such server. */
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

/** Private ones, whatever else there is: nothing of theirs stays. */
export async function startStoreServers(): Promise<StoreServers> {
  await using started = new AsyncDisposableStack();
  const [redis, postgres] = await Promise.all([
    (await redisProgram()) === undefined ? undefined : startRedis(),
    (await postgresPrograms()) === undefined ? undefined : startPostgres(),
  ]);
  started.use(redis);
  started.use(postgres);
  const kept = started.move();
  return { redisUrl: redis?.url ?? '', databaseUrl: postgres?.url ?? '', [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

type Stores = Readonly<Record<string, { readonly passed: number; readonly failed: readonly string[] }>>;

export interface StoreResults {
  readonly stores?: Stores;
  readonly folder?: Readonly<Record<string, unknown>>;
}

const casesOf = (notifies: boolean): number =>
  tokenStoreCases(
    async () => {
      throw new Error('these are counted alone');
    },
    { notifies },
  ).length;
const all = (names: readonly string[]): Stores =>
  // A folder tells nobody of changes.
  Object.fromEntries(names.map((name) => [name, { passed: casesOf(name !== 'file'), failed: [] }]));

/** Of stores that need nothing but the runtime. */
export const ownStoresWork: StoreResults = { stores: all(['memory', 'encrypted']) };

export function storesWork({ redisUrl, databaseUrl }: StoreServers): StoreResults {
  const overRedis = redisUrl === '' ? [] : ['ioredis', 'node-redis'];
  const overPostgres = databaseUrl === '' ? [] : ['pg'];
  return {
    stores: all(['memory', 'encrypted', 'file', ...overRedis, ...overPostgres]),
    folder: { modes: ['700', '600'], ofLinkToFolder: 'STORE', ofLinkToFile: 'STORE', ofDamage: 'STORE', ofOpenFolder: 'STORE' },
  };
}
