// Every store does what every store must, over real servers and with the clients that people use.
import type { TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { tokenStoreCases } from '@finapi-ts/testing/stores';
import { afterAll, describe, it } from 'vitest';
import { databaseUrl, needs, ownServers, redisUrl } from '../src/servers/available.ts';
import { startPostgres } from '../src/servers/postgres.ts';
import { startRedis } from '../src/servers/redis.ts';
import { encryptedInMemory, newFolder, newRedisPlace, newTable, openStore, type StorePlace } from '../src/stores.ts';

type Suite = typeof describe | ReturnType<typeof describe.skipIf>;

const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());

/** A store that is opened by the first case that needs it, and shared by all, as by the calls of an application. */
function shared(open: () => Promise<StorePlace>): () => Promise<TokenStore> {
  let store: Promise<TokenStore> | undefined;
  return () => {
    store ??= open().then(async (place) => opened.use(await openStore(place, { notifications: place.kind !== 'file' })).store);
    return store;
  };
}

const ownPostgres = async (): Promise<StorePlace> => {
  const server = opened.use(await startPostgres());
  return newTable(`${server.url}?options=${encodeURIComponent('-c default_transaction_isolation=serializable')}`);
};
const ownCluster = async (): Promise<string> => opened.use(await startRedis({ cluster: true })).url;

const memory = memoryStore();
const encrypted = encryptedInMemory();
const stores: readonly (readonly [title: string, suite: Suite, open: () => Promise<TokenStore>, notifies?: boolean])[] = [
  ['in memory, by the clocks of the machine', describe, async () => memory],
  ['that encrypts, over one in memory', describe, async () => encrypted],
  ['in a folder', describe, shared(async () => opened.use(await newFolder())), false],
  ['over Redis, with ioredis', needs('redis'), shared(async () => newRedisPlace(redisUrl(), 'ioredis'))],
  ['over Redis, with node-redis', needs('redis'), shared(async () => newRedisPlace(redisUrl(), 'node-redis'))],
  ['over a cluster of Redis, with ioredis', ownServers('redis'), shared(async () => newRedisPlace(await ownCluster(), 'ioredis cluster'))],
  [
    'over a cluster of Redis, with node-redis',
    ownServers('redis'),
    shared(async () => newRedisPlace(await ownCluster(), 'node-redis cluster')),
  ],
  ['over PostgreSQL', needs('postgres'), shared(async () => newTable(databaseUrl()))],
  ['over PostgreSQL, where transactions are serializable', ownServers('postgres'), shared(ownPostgres)],
];

/** All that wait do so at once, so that a long time costs little. */
const shortMs = 4000;

/** Those with a crowd would hold up those that wait for an end. */
const isCrowd = (name: string): boolean => /at once|writers|500/.test(name);

for (const [title, suite, open, notifies = true] of stores) {
  const cases = tokenStoreCases(async () => ({ store: await open() }), { notifies, shortMs });
  // All of these run at once: most of their time they wait.
  suite.concurrent(`A store ${title}`, () => {
    for (const { name, run } of cases) if (!isCrowd(name)) it(name, run);
  });
}

for (const [title, suite, open, notifies = true] of stores) {
  const cases = tokenStoreCases(async () => ({ store: await open() }), { notifies, shortMs });
  suite(`A store ${title}, crowded`, () => {
    for (const { name, run } of cases) if (isCrowd(name)) it(name, run);
  });
}
